import { z } from 'zod'

/** First and last place of configurations in a row. */
export const indexRangeSchema = z.tuple([z.int().nonnegative(), z.int().nonnegative()])

const removedSchema = z.object({ what: z.string(), objects: z.int().nonnegative(), bytes: z.int().nonnegative() })

/**
 * `actions/<time>-<id>.json`: what an operator did, and never a credential. What is wanted of a sweep and whether it is
 * paused follow from these records alone (accounting/wanted.ts, accounting/pause.ts), so they outlive Redis.
 */
export const actionSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  action: z.enum(['select', 'rerun', 'pause', 'resume', 'cancel', 'prune', 'delete', 'salvage']),
  /** Selector terms as typed; none: every configuration. */
  selector: z.array(z.string()),
  reason: z.string().optional(),
  /** Configurations it changed. */
  changed: z.int().nonnegative().optional(),
  /** Their places, which never change: what `cancel` took away, what `rerun` wants again. */
  configurations: z.array(indexRangeSchema).optional(),
  /** What `prune` was about to remove when it began, after it had verified this generation's file. */
  removed: z.array(removedSchema).optional(),
  generation: z.int().positive().optional(),
  by: z.string(),
  at: z.iso.datetime(),
})
export type Action = z.infer<typeof actionSchema>
export type IndexRange = z.infer<typeof indexRangeSchema>
