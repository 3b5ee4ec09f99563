import { WindrowError } from '../errors/windrow-error.ts'
import type { FieldValue } from '../sweep/plan.ts'

/** One configuration that the sweep expects, and what has become of it. */
export interface ExpectedConfiguration {
  readonly key: string
  /** Its place in the sweep's plan. */
  readonly index: number
  readonly fields: Readonly<Record<string, FieldValue>>
  /** `missing` covers everything that is neither committed nor dead: pending, running, retrying, cancelled. */
  readonly state: 'committed' | 'dead-corrupt' | 'dead-failed' | 'missing'
  readonly epoch: number
  /** Error code of the dead letter. */
  readonly cause?: string
  readonly source: 'windrow' | 'salvage'
  /** `evaluated`: the AEP was computed again on the sweep's own model; `plausible`: only looked at (salvage). */
  readonly verified: 'evaluated' | 'plausible'
}

/** The words in which a certificate and the index of a merged file speak of a configuration. */
export const certificateStates = ['merged', 'quarantined', 'dead', 'missing'] as const
export type CertificateState = (typeof certificateStates)[number]

export interface AccountCounts {
  readonly expected: number
  readonly merged: number
  readonly quarantined: number
  readonly dead: number
  readonly missing: number
  /** Of the merged ones: taken in from a wreck. */
  readonly salvaged: number
  /** Of the merged ones: their AEP is plausible, but was not evaluated again. */
  readonly plausible: number
}

export interface Account {
  /** Every expected configuration, by key, bytewise. */
  readonly rows: readonly ExpectedConfiguration[]
  readonly counts: AccountCounts
}

/**
 * The account of a merge: every expected configuration once, by key, and counts for which
 * expected = merged + quarantined + dead + missing. KEY_INVALID when a key comes twice.
 */
export function accountOf(expected: Iterable<ExpectedConfiguration>): Account {
  const rows = [...expected].sort(byKey)
  refuseRepeatedKeys(rows)
  const counts = { expected: rows.length, merged: 0, quarantined: 0, dead: 0, missing: 0, salvaged: 0, plausible: 0 }
  for (const row of rows) {
    const state = certificateState(row)
    counts[state]++
    if (state === 'merged' && row.source === 'salvage') counts.salvaged++
    if (state === 'merged' && row.verified === 'plausible') counts.plausible++
  }
  return { rows, counts }
}

/** What the certificate calls the state of a configuration. */
export function certificateState({ state }: Pick<ExpectedConfiguration, 'state'>): CertificateState {
  if (state === 'committed') return 'merged'
  if (state === 'dead-corrupt') return 'quarantined'
  return state === 'dead-failed' ? 'dead' : 'missing'
}

/** Orders by key. Keys are ASCII, so that comparing code units is comparing bytes. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  if (a.key === b.key) return 0
  return a.key < b.key ? -1 : 1
}

function refuseRepeatedKeys(sorted: readonly ExpectedConfiguration[]): void {
  for (let i = 1; i < sorted.length; i++) {
    const key = sorted[i]!.key
    if (key !== sorted[i - 1]!.key) continue
    throw new WindrowError('KEY_INVALID', {
      message: `The configuration ${key} is expected twice; a merged file can hold it only once.`,
      context: { key },
    })
  }
}
