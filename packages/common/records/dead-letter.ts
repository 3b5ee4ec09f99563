import { z } from 'zod'

/** `dead/<key>.<epoch>.json`: an epoch whose attempts are used up, or whose failure cannot heal. */
export const deadLetterSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  key: z.string(),
  epoch: z.int().nonnegative(),
  state: z.enum(['dead-failed', 'dead-corrupt']),
  /** Error code of the last attempt: the cause of death. */
  code: z.string(),
  message: z.string(),
  attempts: z.int().nonnegative(),
  attempt: z.string(),
  host: z.string(),
  at: z.iso.datetime(),
})
export type DeadLetter = z.infer<typeof deadLetterSchema>
