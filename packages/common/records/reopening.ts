import { z } from 'zod'

/** `reopened/<key>.<epoch>.json`: this epoch is over; the next one counts. */
export const reopeningSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  key: z.string(),
  epoch: z.int().nonnegative(),
  by: z.string(),
  reason: z.string(),
  /** Files of an earlier sweep that contradict each other about it: no copy of theirs is taken in any more. */
  contradictory: z.array(z.string()).optional(),
  at: z.iso.datetime(),
})
export type Reopening = z.infer<typeof reopeningSchema>
