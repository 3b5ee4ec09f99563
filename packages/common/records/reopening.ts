import { z } from 'zod'

/** `reopened/<key>.<epoch>.json`: this epoch is over; the next one counts. */
export const reopeningSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  key: z.string(),
  epoch: z.int().nonnegative(),
  by: z.string(),
  reason: z.string(),
  at: z.iso.datetime(),
})
export type Reopening = z.infer<typeof reopeningSchema>
