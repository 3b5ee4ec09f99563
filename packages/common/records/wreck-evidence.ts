import { z } from 'zod'
import { fileCauses, rowCauses } from '../wrecks/wreck.ts'

const causesOf = <Cause extends string>(causes: Readonly<Record<Cause, string>>) =>
  z.enum(Object.keys(causes) as [Cause, ...Cause[]])

/** `wrecks/<id>.json`: why a file of an earlier sweep, or some of its rows, were not taken in. */
export const wreckEvidenceSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  /** Its name in the directory that was salvaged. */
  file: z.string(),
  directory: z.string(),
  bytes: z.int().nonnegative(),
  /** Empty when it could not be read; its bytes are then not kept. */
  sha256: z.string(),
  /** Whether `wrecks/<sha256>.h5` has its bytes. */
  kept: z.boolean(),
  /** Why nothing of it was taken in. */
  cause: causesOf(fileCauses).optional(),
  detail: z.string().optional(),
  rows: z.array(z.object({ key: z.string(), place: z.string(), cause: causesOf(rowCauses), detail: z.string() })),
  by: z.string(),
  host: z.string(),
  at: z.iso.datetime(),
})
export type WreckEvidence = z.infer<typeof wreckEvidenceSchema>
