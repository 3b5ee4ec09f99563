import { z } from 'zod'

/** First and last place of configurations in a row. */
export const indexRangeSchema = z.tuple([z.int().nonnegative(), z.int().nonnegative()])

const removedSchema = z.object({ what: z.string(), objects: z.int().nonnegative(), bytes: z.int().nonnegative() })

/** One of the failures that an action was taken for. */
const exampleSchema = z.object({ key: z.string(), code: z.string(), message: z.string(), host: z.string() })

/**
 * `actions/<time>-<id>.json`: what an operator did, or Windrow by itself, and never a credential. What is wanted of a sweep and whether it is
 * paused follow from these records alone (accounting/wanted.ts, accounting/pause.ts), so they outlive Redis.
 */
export const actionSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  action: z.enum([
    'select',
    'rerun',
    'pause',
    'resume',
    'cancel',
    'prune',
    'delete',
    'salvage',
    'set-aside',
    'give-back',
  ]),
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
  /** Which host takes no more jobs of the sweep (`set-aside`), or had its failed attempts given back (`give-back`). */
  host: z.string().optional(),
  /** What all the failures have in common for which the sweep paused itself. */
  fingerprint: z.string().optional(),
  example: exampleSchema.optional(),
  by: z.string(),
  at: z.iso.datetime(),
})
/** Who takes an action that nobody asked for. */
export const windrowItself = 'windrow'

export type Action = z.infer<typeof actionSchema>
export type IndexRange = z.infer<typeof indexRangeSchema>
