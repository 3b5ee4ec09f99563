import { WindrowError } from '../errors/windrow-error.ts'
import { canonicalJson } from './canonical-json.ts'
import { type Difference, differencesOf } from './differences.ts'
import { type Grid, gridOf } from './grid.ts'
import { digestables, identityDigest } from './identity.ts'
import { type KeyTable, keyTable } from './key-table.ts'
import type { Specification } from './specification.ts'

export type Comparison =
  /** The same configurations (in whatever order), policy, merge and salvage. */
  | { readonly kind: 'same' }
  /** The same configurations under another policy, merge or salvage. */
  | { readonly kind: 'policy-changed' }
  /** Every configuration is there as it was, and `added` more. */
  | { readonly kind: 'extends'; readonly added: number }
  | SpecificationChange

export interface SpecificationChange {
  readonly kind: 'changed'
  readonly differences: readonly Difference[]
  readonly added: KeySample
  readonly removed: KeySample
  /** Configurations of the same key whose result would be another. */
  readonly changed: KeySample
}

export interface KeySample {
  readonly count: number
  /** The first few keys. */
  readonly examples: readonly string[]
}

/** What a new specification would do to a sweep, configuration by configuration. */
export function compareSpecifications(old: Specification, next: Specification): Comparison {
  const governed = canonicalJson(governing(old)) === canonicalJson(governing(next))
  const same: Comparison = { kind: governed ? 'same' : 'policy-changed' }
  if (identityDigest(old) === identityDigest(next)) return same
  const { added, removed, changed } = compareGrids(gridOf(old), gridOf(next))
  if (removed.count > 0 || changed.count > 0) {
    return { kind: 'changed', differences: differencesOf(old, next), added, removed, changed }
  }
  return added.count > 0 ? { kind: 'extends', added: added.count } : same
}

/** What changes no result, and may change at any time. */
const governing = ({ policy, merge, salvage }: Specification) => [policy, merge, salvage]

/** SPEC_CHANGED, which says what would change and what to do instead. */
export function changedError(sweep: string, change: SpecificationChange): WindrowError {
  const { added, removed, changed, differences } = change
  const parts = [describe('changes', changed), describe('removes', removed), describe('adds', added)].filter(Boolean)
  const listed = differences.map((difference) => `  ${difference.path}: ${difference.old} -> ${difference.new}`)
  const onlyRemoves = removed.count > 0 && changed.count === 0
  return new WindrowError('SPEC_CHANGED', {
    message: `The sweep ${sweep} exists, and this specification ${parts.join(', ')}.\n${listed.join('\n')}`,
    context: { sweep, added, removed, changed, differences },
    ...(onlyRemoves
      ? {
          next: 'To run a part of the sweep, keep the specification and use --only SELECTOR; otherwise give this one a new name.',
        }
      : {}),
  })
}

function describe(verb: string, { count, examples }: KeySample): string {
  if (count === 0) return ''
  const more = count > examples.length ? ', ...' : ''
  return `${verb} ${count.toLocaleString('en')} configuration${count === 1 ? '' : 's'} (${examples.join(', ')}${more})`
}

function compareGrids(old: Grid, next: Grid) {
  const [added, removed, changed] = [sampler(), sampler(), sampler()]
  const differs = pointComparison(old, next)
  const table = tableOf(next)
  let kept = 0
  for (let rank = 0; rank < old.total; rank++) {
    const key = old.keyAt(rank)
    const found = table.find(key)
    if (found === undefined) removed.take(key)
    else {
      kept++
      if (differs(rank, found)) changed.take(key)
    }
  }
  if (next.total > kept) {
    const before = tableOf(old)
    for (let rank = 0; rank < next.total; rank++) {
      const key = next.keyAt(rank)
      if (before.find(key) === undefined) added.take(key)
    }
  }
  return { added: added.sample, removed: removed.sample, changed: changed.sample }
}

function tableOf(grid: Grid): KeyTable {
  const table = keyTable(grid.total, grid.keyAt)
  for (let rank = 0; rank < grid.total; rank++) table.insert(rank, grid.keyAt(rank))
  return table
}

/** Tells whether two configurations of one key have different digests, without hashing each of them. */
function pointComparison(old: Grid, next: Grid): (oldRank: number, nextRank: number) => boolean {
  const shared = (grid: Grid) =>
    canonicalJson([digestables(grid.specification), grid.axes.map(({ name }) => name).sort()])
  if (shared(old) !== shared(next)) return () => true
  const partner = old.axes.map(({ name }) => next.axes.findIndex((axis) => axis.name === name))
  return (oldRank, nextRank) => {
    const [oldPlaces, nextPlaces] = [old.placesAt(oldRank), next.placesAt(nextRank)]
    return old.axes.some((axis, a) => {
      const before = axis.digestableAt(oldPlaces[a]!)
      const after = next.axes[partner[a]!]!.digestableAt(nextPlaces[partner[a]!]!)
      if (typeof before !== 'object' || typeof after !== 'object') return before !== after
      return before.sha256 !== after.sha256
    })
  }
}

function sampler() {
  const examples: string[] = []
  let count = 0
  return {
    take: (key: string) => {
      count++
      if (examples.length < 3) examples.push(key)
    },
    get sample(): KeySample {
      return { count, examples }
    },
  }
}
