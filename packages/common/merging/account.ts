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

/** Expected configurations by number, in any order: an array, or what makes them as they are asked for. */
export interface ExpectedConfigurations {
  readonly length: number
  at(index: number): ExpectedConfiguration | undefined
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

/**
 * Every configuration a merge expects, once, by key, bytewise. A place in that order is its position. Holds keys and a few
 * bytes a configuration: 100,000 configurations are not 100,000 objects.
 */
export interface Account {
  readonly length: number
  readonly counts: AccountCounts
  keyAt(position: number): string
  stateAt(position: number): CertificateState
  at(position: number): ExpectedConfiguration
  /** All of them; may be gone through again and again. */
  readonly rows: Iterable<ExpectedConfiguration>
}

/**
 * The account of a merge, with counts for which expected = merged + quarantined + dead + missing. KEY_INVALID when a key
 * comes twice.
 */
export function accountOf(expected: ExpectedConfigurations): Account {
  const { length } = expected
  const unsorted = Array.from({ length }, (_, index) => rowOf(expected, index).key)
  const order = Uint32Array.from(unsorted, (_, index) => index).sort((a, b) => compare(unsorted[a]!, unsorted[b]!))
  const keys = Array.from(order, (index) => unsorted[index]!)
  refuseRepeatedKeys(keys)
  const at = (position: number) => rowOf(expected, order[position]!)
  const states = Uint8Array.from({ length }, (_, position) => certificateStates.indexOf(certificateState(at(position))))
  return {
    length,
    counts: countsOf(length, at),
    keyAt: (position) => keys[position]!,
    stateAt: (position) => certificateStates[states[position]!]!,
    at,
    rows: rowsOf(length, at),
  }
}

/** Positions of the configurations in a state. */
export function* positionsIn(account: Account, state: CertificateState): Generator<number> {
  for (let position = 0; position < account.length; position++) {
    if (account.stateAt(position) === state) yield position
  }
}

/** The account with what only the commits themselves say: which of the merged ones were salvaged. */
export function accountWithSources(account: Account, isSalvagedAt: (position: number) => boolean): Account {
  const { length } = account
  const at = (position: number): ExpectedConfiguration => {
    const row = account.at(position)
    return isSalvagedAt(position) ? { ...row, source: 'salvage', verified: 'plausible' } : row
  }
  return { ...account, at, rows: rowsOf(length, at), counts: countsOf(length, at) }
}

function rowsOf(length: number, at: Account['at']): Account['rows'] {
  return {
    *[Symbol.iterator]() {
      for (let position = 0; position < length; position++) yield at(position)
    },
  }
}

function countsOf(length: number, at: Account['at']): AccountCounts {
  const counts = { expected: length, merged: 0, quarantined: 0, dead: 0, missing: 0, salvaged: 0, plausible: 0 }
  for (let position = 0; position < length; position++) {
    const row = at(position)
    const state = certificateState(row)
    counts[state]++
    if (state === 'merged' && row.source === 'salvage') counts.salvaged++
    if (state === 'merged' && row.verified === 'plausible') counts.plausible++
  }
  return counts
}

/** What the certificate calls the state of a configuration. */
export function certificateState({ state }: Pick<ExpectedConfiguration, 'state'>): CertificateState {
  if (state === 'committed') return 'merged'
  if (state === 'dead-corrupt') return 'quarantined'
  return state === 'dead-failed' ? 'dead' : 'missing'
}

function rowOf(expected: ExpectedConfigurations, index: number): ExpectedConfiguration {
  const row = expected.at(index)
  if (row === undefined) throw new RangeError(`there is no configuration ${index} of ${expected.length}`)
  return row
}

/** Keys are ASCII, so that comparing code units is comparing bytes. */
function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

function refuseRepeatedKeys(sorted: readonly string[]): void {
  for (let i = 1; i < sorted.length; i++) {
    const key = sorted[i]!
    if (key !== sorted[i - 1]!) continue
    throw new WindrowError('KEY_INVALID', {
      message: `The configuration ${key} is expected twice; a merged file can hold it only once.`,
      context: { key },
    })
  }
}
