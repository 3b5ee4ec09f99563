import { z } from 'zod'

/** `actions/<time>-<id>.json`: what an operator did. Selections rebuild the ledger's cancelled configurations; the newest one counts. */
export const actionSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  action: z.enum(['select', 'rerun', 'pause', 'resume', 'cancel', 'prune', 'delete']),
  /** Selector terms as typed; none: every configuration. */
  selector: z.array(z.string()),
  reason: z.string().optional(),
  /** Configurations it changed. */
  changed: z.int().nonnegative().optional(),
  by: z.string(),
  at: z.iso.datetime(),
})
export type Action = z.infer<typeof actionSchema>
