import { createHash } from 'node:crypto'
import { byKey, type ExpectedConfiguration } from './account.ts'

/** Number of the merged file's format: another number, another digest, so that a newer Windrow never meets its own name with other bytes. */
const mergedSchemaVersion = 1

export const mergeLayouts = ['keyed', 'stacked'] as const
export type MergeLayout = (typeof mergeLayouts)[number]

/** Values of the root attributes of a merged file. */
export type RootAttributes = Readonly<Record<string, string | number | bigint>>

/** Content digests of the committed configurations, by key. */
export type MergedDigests = ReadonlyMap<string, { readonly contentSha256: string }>

export interface MergeInputs {
  readonly identityDigest: string
  readonly layout: MergeLayout
  /** As declared. */
  readonly tolerance: string
  readonly rootAttributes: RootAttributes
  readonly rows: Iterable<ExpectedConfiguration>
  readonly merged: MergedDigests
}

/**
 * Names a merge by what goes into it: SHA-256 over the format, the identity digest, layout, tolerance, root attributes
 * and, by key, every configuration's epoch, state, content digest, cause, source and standing. Whatever changes the
 * merged bytes changes it; time, host, attempt and order of arrival do not.
 */
export function inputDigest({ identityDigest, layout, tolerance, rootAttributes, rows, merged }: MergeInputs): string {
  const hash = createHash('sha256')
  const line = (...parts: unknown[]) => hash.update(`${JSON.stringify(parts)}\n`)
  line('windrow-merge', mergedSchemaVersion, identityDigest, layout, tolerance)
  for (const name of Object.keys(rootAttributes).sort()) {
    const value = rootAttributes[name]!
    line('attribute', name, typeof value, String(value))
  }
  for (const row of [...rows].sort(byKey)) {
    line(
      row.key,
      row.epoch,
      row.state,
      merged.get(row.key)?.contentSha256 ?? '',
      row.cause ?? '',
      row.source,
      row.verified,
    )
  }
  return hash.digest('hex')
}
