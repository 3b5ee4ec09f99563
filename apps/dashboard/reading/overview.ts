import { currentGeneration, readGenerations } from '@windrow/common/accounting/generations.ts'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { readCellsNow } from '@windrow/common/status/current-states.ts'
import {
  isDead,
  openCount,
  type StateWord,
  stateWord,
  type WordCounts,
  wordCounts,
} from '@windrow/common/status/state-words.ts'
import { addressOf } from '@windrow/common/store/object-address.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { axesOf } from '@windrow/common/sweep/axes.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { sweepNames } from '@windrow/common/sweep/sweep-names.ts'
import type { SweepReader } from '@windrow/common/sweep/sweep-reader.ts'

/** One configuration in the grid. */
export interface Cell {
  readonly key: string
  readonly word: StateWord
}

export interface SweepOverview {
  readonly sweep: string
  readonly total: number
  /** `ledger`: live, from Redis; `store`: what the store alone knows. */
  readonly source: 'ledger' | 'store'
  readonly counts: WordCounts
  readonly open: number
  /** Every configuration, in its place, and how many make a row; absent when there are too many to see. */
  readonly grid?: { readonly cells: readonly Cell[]; readonly columns: number } | undefined
  /** The first of the dead and quarantined. */
  readonly dead: readonly Cell[]
  readonly file?: {
    readonly generation: number
    readonly complete: boolean
    readonly merged: number
    readonly expected: number
    readonly bytes: number
    readonly address: string
  }
  readonly submittedAt: number
}

export type OverviewEntry = SweepOverview | { readonly sweep: string; readonly unreadable: string }

export interface OverviewSources {
  readonly store: Store
  readonly reader: SweepReader
  readonly ledgerOf: (sweep: string) => Ledger | undefined
}

const mostCells = 3_000
const mostCellsInAll = 12_000
const mostDead = 24

/** Every sweep of the store with its counts, the newest first. One that cannot be read is named and hides no other. */
export async function readOverview(sources: OverviewSources): Promise<OverviewEntry[]> {
  const entries: OverviewEntry[] = []
  for (const sweep of await sweepNames(sources.store)) entries.push(await entryOf(sweep, sources))
  return withinReason(entries.sort((a, b) => timeOf(b) - timeOf(a)))
}

/** Grids of the newest sweeps only: a page of a thousand old ones must still open. */
function withinReason(entries: readonly OverviewEntry[]): OverviewEntry[] {
  let cells = 0
  return entries.map((entry) => {
    if ('unreadable' in entry || !entry.grid) return entry
    cells += entry.total
    return cells <= mostCellsInAll ? entry : { ...entry, grid: undefined }
  })
}

async function entryOf(sweep: string, { store, reader, ledgerOf }: OverviewSources): Promise<OverviewEntry> {
  try {
    const { plan, submittedAt } = await reader.readNewest(sweep)
    const { source, cells, counts } = await readCellsNow({ store, ledger: ledgerOf(sweep) }, plan)
    const generation = currentGeneration(await readGenerations(store, sweep))
    return {
      sweep,
      total: plan.total,
      source,
      counts: wordCounts(counts),
      open: openCount(counts),
      ...(plan.total <= mostCells && { grid: { cells: allCells(plan, cells), columns: columnsOf(plan) } }),
      dead: firstDead(plan, cells),
      ...(generation && {
        file: {
          generation: generation.number,
          complete: generation.complete,
          merged: generation.merged,
          expected: generation.expected,
          bytes: generation.files.layouts.bytes,
          address: addressOf(store, generation.files.layouts.name),
        },
      }),
      submittedAt,
    }
  } catch (error) {
    return { sweep, unreadable: messageOf(error) }
  }
}

const cellAt = (plan: SweepPlan, cells: Uint8Array, index: number): Cell => ({
  key: plan.keyAt(index),
  word: stateWord(stateOfCell(cells[index]!)),
})

function allCells(plan: SweepPlan, cells: Uint8Array): Cell[] {
  return Array.from({ length: plan.total }, (_, index) => cellAt(plan, cells, index))
}

function firstDead(plan: SweepPlan, cells: Uint8Array): Cell[] {
  const found: Cell[] = []
  for (let index = 0; index < plan.total && found.length < mostDead; index++) {
    if (isDead(stateOfCell(cells[index]!))) found.push(cellAt(plan, cells, index))
  }
  return found
}

/** A row for every value of the other axes, where the last one (the seeds, mostly) gives a shape that can be looked at. */
function columnsOf(plan: SweepPlan): number {
  const last = axesOf(plan.specification).at(-1)!.length
  return last <= 60 && plan.total / last <= 60 ? last : Math.min(48, plan.total)
}

const timeOf = (entry: OverviewEntry) => ('submittedAt' in entry ? entry.submittedAt : 0)
