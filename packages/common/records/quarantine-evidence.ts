import { z } from 'zod'
import { refusalReasons } from '../results/verdict.ts'

/** `quarantine/<key>/<epoch>-<attempt>.json`: why the bytes beside it were refused. */
export const quarantineEvidenceSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  key: z.string(),
  epoch: z.int().nonnegative(),
  attempt: z.string(),
  reason: z.enum(refusalReasons),
  detail: z.string(),
  /** Where the bytes came from: an attempt's output, or a commit found damaged. */
  source: z.enum(['output', 'commit']),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  host: z.string(),
  at: z.iso.datetime(),
  /** The command that shows the fault again: runs the configuration, or (a commit) checks the bytes, named as in the store. */
  reproduce: z.string(),
})
export type QuarantineEvidence = z.infer<typeof quarantineEvidenceSchema>
