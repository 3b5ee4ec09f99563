import { readActions } from '../accounting/actions.ts'
import { currentGeneration, readGenerations } from '../accounting/generations.ts'
import { type Pause, pauseBy } from '../accounting/pause.ts'
import { type SetAside, setAsideBy } from '../accounting/set-aside.ts'
import { selectedBy } from '../accounting/wanted.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { spentOfCell, stateOfCell } from '../ledger/states.ts'
import { toleranceOf } from '../merging/tolerance.ts'
import type { Generation } from '../records/generation.ts'
import { addressOf } from '../store/object-address.ts'
import type { Store } from '../store/store.ts'
import type { SubmittedSweep } from '../sweep/sweep-reader.ts'
import { countAskedFor } from './asked-for.ts'
import { type AttemptNames, listAttempts } from './attempts-in-store.ts'
import { type CurrentStates, readCurrentStates } from './current-states.ts'
import { estimateRemaining, ratePerMinute } from './eta.ts'
import { type Failure, readFailures } from './failures.ts'
import { type Explanation, explainFailures, type FailureGroup, groupFailures } from './group-failures.ts'
import { readSettlements } from './settlements.ts'
import { isDead, openCount, type WordCounts, wordCounts } from './state-words.ts'

/** All that `windrow status` says of a sweep, as `--json` prints it. */
export interface SweepStatus {
  readonly sweep: string
  readonly store: string
  /** `ledger`: live, from Redis; `store`: what the store alone knows. */
  readonly source: 'ledger' | 'store'
  readonly total: number
  readonly counts: WordCounts
  /** Configurations asked for: all but those that the newest selection (--only) leaves out. */
  readonly selected: number
  /** Of the selected, those that an operator cancelled: a shortfall. */
  readonly cancelledOfSelected: number
  /** Nothing new begins until it is resumed. */
  readonly paused?: Pause
  /** Hosts that take no jobs of it. */
  readonly setAside: readonly SetAside[]
  readonly attempts: {
    /** Attempt records in the store, of all epochs. */
    readonly recorded: number
    /** Attempts the ledger has counted in live epochs. */
    readonly spent?: number
    /** Attempts a configuration may spend in an epoch. */
    readonly budget: number
  }
  readonly rate?: { readonly perMinute: number; readonly lowMs?: number; readonly highMs?: number }
  readonly failures: {
    readonly count: number
    readonly dead: number
    readonly byCause: readonly FailureGroup[]
    readonly byHost: readonly FailureGroup[]
    readonly byAxis: readonly Explanation[]
  }
  readonly generation?: GenerationStatus
  /** Configurations that may be absent from a complete merge. */
  readonly tolerance: { readonly declared: string; readonly allowed: number }
  /** Every selected configuration is in the newest merged file, or the shortfall is within the tolerance. */
  readonly complete: boolean
  /** The newest merged file does not hold everything that is committed. */
  readonly mergeDue: boolean
  readonly warnings: readonly string[]
}

export interface GenerationStatus {
  readonly number: number
  readonly complete: boolean
  readonly merged: number
  readonly expected: number
  readonly at: string
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

export interface StatusSources {
  readonly store: Store
  readonly ledger?: Ledger | undefined
  /** Why there is no ledger, when there should be one. */
  readonly trouble?: string | undefined
  /** What services say they wait for, or cannot go on with. */
  readonly outages?: readonly string[] | undefined
  /** What is wrong with the settings of the Redis that there is. */
  readonly findings?: readonly string[]
}

/** Draws up the status of a sweep from the ledger and the store, or from the store alone. */
export async function readSweepStatus(
  sources: StatusSources,
  sweep: SubmittedSweep,
  { nowMs, known }: { nowMs: number; known?: CurrentStates | undefined },
): Promise<{ status: SweepStatus; states: CurrentStates }> {
  const { plan, policy } = sweep
  const { store, ledger } = sources
  const states = await readCurrentStates({ store, ledger, known }, plan)
  const attempts = await listAttempts(store, plan)
  const failures = await readFailures(store, { plan, states, attempts })
  const generations = await readGenerations(store, plan.sweep)
  const { actions } = await readActions(store, plan.sweep)
  const pause = pauseBy(actions)
  const { selected, cancelledOfSelected } = countAskedFor(states, selectedBy(actions, plan))
  const tolerance = toleranceOf(policy.tolerance, plan.total)
  const current = currentGeneration(generations)
  const mergeDue = (generations.at(-1)?.merged ?? 0) < states.counts.committed
  const isWithin = selected - states.counts.committed <= tolerance.allowed
  const status: SweepStatus = {
    sweep: plan.sweep,
    store: store.url,
    source: states.source,
    total: plan.total,
    counts: wordCounts(states.counts),
    selected,
    cancelledOfSelected,
    ...(pause && { paused: pause }),
    setAside: setAsideBy(actions),
    attempts: { recorded: attempts.total, ...spentOf(states), budget: policy.attempts },
    ...(await rateOf(store, { sweep, states, attempts, nowMs })),
    failures: failuresOf(failures, { sweep, states }),
    ...(current && { generation: generationStatus(store, current) }),
    tolerance,
    complete: isWithin && current !== undefined && !mergeDue,
    mergeDue,
    warnings: warningsOf(sources, states, { failures, known }),
  }
  return { status, states }
}

function spentOf({ source, cells }: CurrentStates): { spent?: number } {
  return source === 'ledger' ? { spent: cells.reduce((sum, cell) => sum + spentOfCell(cell), 0) } : {}
}

interface RateSources {
  readonly sweep: SubmittedSweep
  readonly states: CurrentStates
  readonly attempts: AttemptNames
  readonly nowMs: number
}

/** Without a ledger nothing runs, and with nothing open nothing remains. */
async function rateOf(
  store: Store,
  { sweep, states, attempts, nowMs }: RateSources,
): Promise<Pick<SweepStatus, 'rate'>> {
  const open = openCount(states.counts)
  if (states.source === 'store' || open === 0) return {}
  const samples = await readSettlements(store, { plan: sweep.plan, states, attempts, nowMs })
  const perMinute = ratePerMinute(samples)
  if (perMinute === undefined) return {}
  const done = samples.at(-1)?.done ?? 0
  return { rate: { perMinute, ...estimateRemaining({ done, total: done + open, samples }) } }
}

function failuresOf(
  failures: ReadonlyMap<number, Failure>,
  { sweep, states }: { sweep: SubmittedSweep; states: CurrentStates },
): SweepStatus['failures'] {
  const { plan } = sweep
  const named = [...failures.values()].map((failure) => ({ ...failure, key: plan.keyAt(failure.index) }))
  function* tried() {
    for (let index = 0; index < plan.total; index++) {
      const failed = failures.has(index)
      if (failed || stateOfCell(states.cells[index]!) === 'committed') yield { fields: plan.at(index).fields, failed }
    }
  }
  return {
    count: named.length,
    dead: named.filter(({ dead }) => dead).length,
    byCause: groupFailures(named, 'cause'),
    byHost: groupFailures(named, 'host'),
    byAxis: named.length === 0 ? [] : explainFailures(tried()),
  }
}

function generationStatus(store: Store, generation: Generation): GenerationStatus {
  const { number, complete, merged, expected, at, files } = generation
  const { name, bytes, sha256 } = files.layouts
  return { number, complete, merged, expected, at, file: addressOf(store, name), bytes, sha256 }
}

interface WarningFacts {
  readonly failures: ReadonlyMap<number, Failure>
  readonly known: CurrentStates | undefined
}

function warningsOf(
  { trouble, outages = [], findings = [] }: StatusSources,
  states: CurrentStates,
  { failures, known }: WarningFacts,
): string[] {
  const warnings: string[] = [...findings, ...outages]
  if (trouble !== undefined) warnings.push(`${trouble} What follows is from the store alone.`)
  if (states.ledgerAbsent) {
    warnings.push(
      'Redis holds no ledger of this sweep: it was emptied, or no producer has started yet. What follows is from the store alone.',
    )
  }
  const forgotten = [...failures.values()].filter((failure) => failure.forgotten).length
  const isRebuilt = known?.instance !== undefined && states.instance !== undefined && known.instance !== states.instance
  if (forgotten > 0 || isRebuilt) {
    const affected = forgotten > 0 ? ` (${forgotten} ${forgotten === 1 ? 'configuration' : 'configurations'})` : ''
    warnings.push(`Redis was lost and its ledger rebuilt from the store: attempts were granted again${affected}.`)
  }
  const unlettered = [...states.cells.entries()].filter(
    ([index, cell]) => isDead(stateOfCell(cell)) && !states.deadLetters.has(index),
  ).length
  if (unlettered > 0) warnings.push(`${unlettered} dead in the ledger, but without a dead letter in the store.`)
  return warnings
}
