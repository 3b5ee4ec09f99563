import { WindrowError } from '../errors/windrow-error.ts'
import { type Grid, gridOf } from './grid.ts'
import { type KeyTable, keyTable } from './key-table.ts'
import type { Manifest } from './manifest.ts'
import type { Plan } from './plan.ts'
import type { Specification } from './specification.ts'

/** A plan that also knows what its configurations can be selected by, and what they share. */
export interface SweepPlan extends Plan {
  /** Of the newest manifest; what it says of configurations that are there already never changes. */
  readonly specification: Specification
  /** Names of the fields, those of the key pattern first. */
  readonly fieldNames: readonly string[]
}

/** Configurations that one manifest added: all ranks of its grid, or those listed. */
interface Segment {
  readonly from: number
  readonly count: number
  readonly grid: Grid
  readonly ranks: Uint32Array | undefined
}

/**
 * The sweep that its manifests describe, oldest first. An index is stable for ever: the configurations that manifest n
 * adds come after those of n - 1. Holds the axes and 4 to 12 bytes a configuration, never the configurations. Throws
 * STORE_RECORD_INVALID when a manifest's total is not what its axes make.
 */
export function planOf(manifests: readonly Manifest[]): SweepPlan {
  const newest = manifests.at(-1)
  if (!newest) throw new RangeError('a plan needs at least one manifest')
  const segments: Segment[] = []
  let identity: string | undefined
  let table: KeyTable | undefined
  for (const manifest of manifests) {
    if (manifest.identity !== identity) {
      const grid = gridOf(manifest.specification)
      if (segments.length === 0) segments.push({ from: 0, count: grid.total, grid, ranks: undefined })
      else {
        table ??= tableOf(segments, newest.total)
        appendNew({ segments, grid, table })
      }
      identity = manifest.identity
    }
    checkTotal(manifest, totalOf(segments))
  }
  return planFrom(newest, { segments, table })
}

/** The plan of a specification that is in no store (a dry run, a single configuration): as its first manifest would make it. */
export function planOfSpecification(specification: Specification): SweepPlan {
  const grid = gridOf(specification)
  const segments = [{ from: 0, count: grid.total, grid, ranks: undefined }]
  return planFrom({ sweep: specification.name, n: 0, specification }, { segments, table: undefined })
}

type Newest = Pick<Manifest, 'sweep' | 'n' | 'specification'>

function planFrom(newest: Newest, parts: { segments: readonly Segment[]; table: KeyTable | undefined }): SweepPlan {
  const { segments } = parts
  const total = totalOf(segments)
  let { table } = parts
  const locate = (index: number) => locateIn(segments, total, index)
  return {
    sweep: newest.sweep,
    manifest: newest.n,
    specification: newest.specification,
    fieldNames: [...new Set(segments.toReversed().flatMap(({ grid }) => grid.fields.map(({ name }) => name)))],
    total,
    at: (index) => {
      const { grid, rank } = locate(index)
      return { index, ...grid.at(rank) }
    },
    keyAt: (index) => {
      const { grid, rank } = locate(index)
      return grid.keyAt(rank)
    },
    indexOf: (key) => {
      table ??= tableOf(segments, total)
      return table.find(key)
    },
    digestAt: (index) => {
      const { grid, rank } = locate(index)
      return grid.digestAt(rank)
    },
  }
}

function locateIn(segments: readonly Segment[], total: number, index: number): { grid: Grid; rank: number } {
  if (!Number.isInteger(index) || index < 0 || index >= total) {
    throw new RangeError(`there is no configuration ${index} of ${total}`)
  }
  let s = segments.length - 1
  while (segments[s]!.from > index) s--
  const { grid, ranks, from } = segments[s]!
  return { grid, rank: ranks ? ranks[index - from]! : index - from }
}

/** Every key of the segments by its index. The table refers to `segments`, so what is appended later can be put in as well. */
function tableOf(segments: readonly Segment[], capacity: number): KeyTable {
  const keyAt = (index: number) => {
    let s = segments.length - 1
    while (segments[s]!.from > index) s--
    const { grid, ranks, from } = segments[s]!
    return grid.keyAt(ranks ? ranks[index - from]! : index - from)
  }
  const table = keyTable(capacity, keyAt)
  for (const { from, count } of segments) {
    for (let index = from; index < from + count; index++) table.insert(index, keyAt(index))
  }
  return table
}

function appendNew({ segments, grid, table }: { segments: Segment[]; grid: Grid; table: KeyTable }): void {
  const from = totalOf(segments)
  const found: number[] = []
  for (let rank = 0; rank < grid.total; rank++) {
    if (table.find(grid.keyAt(rank)) === undefined) found.push(rank)
  }
  const ranks = Uint32Array.from(found)
  segments.push({ from, count: ranks.length, grid, ranks })
  for (let i = 0; i < ranks.length; i++) table.insert(from + i, grid.keyAt(ranks[i]!))
}

const totalOf = (segments: readonly Segment[]) => {
  const last = segments.at(-1)
  return last ? last.from + last.count : 0
}

function checkTotal(manifest: Manifest, total: number): void {
  if (manifest.total === total) return
  throw new WindrowError('STORE_RECORD_INVALID', {
    message: `Manifest ${manifest.n} of sweep ${manifest.sweep} says ${manifest.total} configurations, but its axes make ${total}.`,
    context: { sweep: manifest.sweep, manifest: manifest.n, total, recorded: manifest.total },
  })
}
