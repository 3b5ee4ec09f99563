import { createHash } from 'node:crypto'
import type { Account } from './account.ts'

/** Number of the merged file's format: another number, another digest, so that a newer Windrow never meets its own name with other bytes. */
const mergedSchemaVersion = 2

export const mergeLayouts = ['keyed', 'stacked'] as const
export type MergeLayout = (typeof mergeLayouts)[number]

/** Values of the root attributes of a merged file. */
export type RootAttributes = Readonly<Record<string, string | number | bigint>>

/** Content digests of the merged configurations, by their position in the account. */
export interface MergedDigests {
  contentSha256At(position: number): string
}

export interface MergeInputs {
  readonly identityDigest: string
  readonly layout: MergeLayout
  /** As declared. */
  readonly tolerance: string
  readonly rootAttributes: RootAttributes
  readonly account: Account
  readonly merged: MergedDigests
}

/**
 * Names a merge by what goes into it: SHA-256 over the format, the identity digest, layout, tolerance, root attributes
 * and, by key, every configuration's epoch, state, content digest, cause, source and standing. Whatever changes the
 * merged bytes changes it; time, host, attempt and order of arrival do not.
 */
export function inputDigest({ account, merged, ...inputs }: MergeInputs): string {
  const { identityDigest, layout, tolerance, rootAttributes } = inputs
  const hash = createHash('sha256')
  const line = (...parts: unknown[]) => hash.update(`${JSON.stringify(parts)}\n`)
  line('windrow-merge', mergedSchemaVersion, identityDigest, layout, tolerance)
  for (const name of Object.keys(rootAttributes).sort()) {
    const value = rootAttributes[name]!
    line('attribute', name, typeof value, String(value))
  }
  for (let position = 0; position < account.length; position++) {
    const row = account.at(position)
    const digest = account.stateAt(position) === 'merged' ? merged.contentSha256At(position) : ''
    line(row.key, row.epoch, row.state, digest, row.cause ?? '', row.source, row.verified)
  }
  return hash.digest('hex')
}
