import { z } from 'zod'
import { namePattern, specificationSchema } from './specification.ts'

/**
 * `manifest.<n>.json`: the sweep as submitted, everything inlined, so that no worker reads the submitter's files. n grows
 * when the sweep is extended or its policy changes; the newest one counts, the older ones keep the order of configurations.
 */
export const manifestSchema = z.strictObject({
  schema: z.literal(1),
  sweep: z.string().regex(namePattern),
  n: z.int().nonnegative(),
  specification: specificationSchema,
  /** Identity digest of the specification (identity.ts). */
  identity: z.string().regex(/^[0-9a-f]{64}$/),
  /** Configurations of the sweep with this manifest. */
  total: z.int().positive(),
  /** What the bits of the results depend on besides: see numerics-id.ts. */
  numericsId: z.string(),
  windrowVersion: z.string(),
  submittedBy: z.string().optional(),
  at: z.iso.datetime(),
})
export type Manifest = z.infer<typeof manifestSchema>
