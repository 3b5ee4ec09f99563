import { z } from 'zod'

/** Version of the result files described in `docs/files.md`. */
export const resultSchemaVersion = 1n

/** Root attributes of a result file. */
export const rootAttributes = {
  schemaVersion: 'schema_version',
  units: 'units',
  configurationDigest: 'configuration_digest',
  contentSha256: 'content_sha256',
} as const

/** Two more of a salvaged result: `plausible`, and a SalvageSource as JSON. */
export const salvageAttributes = { verified: 'verified', source: 'source' } as const
export const plausible = 'plausible'

export const salvageSourceSchema = z.strictObject({
  file: z.string(),
  place: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  aep: z.enum(['reevaluated', 'as-reported']),
})

/** The value of the root attribute `units`. */
export const resultUnits = 'layout: m, aep: GWh'

/** Datasets that every result has. */
export const requiredDatasets = { layout: 'layout', aep: 'aep' } as const

/** What a result file may come to; anything beyond is refused before it is read. */
export interface ResultLimits {
  /** Bytes of the file. */
  readonly largestFileBytes: number
  /** Bytes of a dataset as it is read, and of one of its chunks. */
  readonly largestDatasetBytes: number
}

export const defaultResultLimits: ResultLimits = { largestFileBytes: 64 * 2 ** 20, largestDatasetBytes: 64 * 2 ** 20 }
export const smallestFileBytes = 512
export const mostDatasets = 16
