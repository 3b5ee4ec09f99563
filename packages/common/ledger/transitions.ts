import type { BeginResult, RunningAttempt, Settlement } from './ledger.ts'
import { type ConfigurationState, openStates, packCell, spentOfCell, stateOfCell } from './states.ts'

interface Superseded {
  readonly attempt: string
  readonly worker: string
}

/** The attempt that runs a configuration. */
export interface Holder {
  readonly attempt: string
  readonly worker: string
  readonly beatAt: number
  /** False when it only took over to write the dead letter: it spent no attempt and has none to give back. */
  readonly hasSpent: boolean
  /** Whom it took over from, and whom that one had taken over from, oldest first: nobody may have recorded them yet. */
  readonly superseded: readonly Superseded[]
}

/** How the last holder ended; kept until the next begins, so that a repeated call is known for one. */
export interface Ended {
  readonly attempt: string
  readonly how: Exclude<Settlement, 'committed'> | 'taken-back'
  readonly hasSpent: boolean
}

/** All the ledger knows of one configuration. */
export interface Entry {
  readonly cell: number
  readonly epoch: number
  readonly holder?: Holder
  readonly ended?: Ended
  /** Of a committed one: who ran it when another committed it, and whom they had taken over from. */
  readonly outrun?: readonly Superseded[]
}

export interface Decision<Result> {
  readonly result: Result
  /** What the configuration becomes; absent when nothing changes. */
  readonly becomes?: Entry
  /** True when it could change a merge. */
  readonly revises?: boolean
}

export interface BeginRequest {
  readonly index: number
  readonly attempt: string
  readonly worker: string
  readonly budget: number
  readonly now: number
}

/** The host of a worker, by the worker's name. */
export const hostOfWorker = (worker: string): string => worker.split('/', 1)[0]!

/*
 * The transitions of a ledger, each a function of what is and what is asked. redis-scripts.ts says the same in Lua; a test
 * holds the two together.
 */

export function begin(entry: Entry, request: BeginRequest, isSetAside: boolean): Decision<BeginResult> {
  const { cell, epoch, holder } = entry
  const state = stateOfCell(cell)
  const spent = spentOfCell(cell)
  if (state === 'committed') {
    const superseded = (entry.outrun ?? []).map((lost) => ({ index: request.index, epoch, ...lost }))
    return { result: { outcome: 'committed', epoch, spent, superseded } }
  }
  if (state === 'cancelled') return { result: { outcome: 'cancelled', epoch } }
  if (isDead(state)) return { result: { outcome: 'dead', epoch } }
  if (holder?.attempt === request.attempt) return { result: begun(entry, request.index) }
  if (isSetAside) return { result: { outcome: 'set-aside', epoch } }
  const hasSpent = spent < request.budget
  const becomes: Entry = {
    cell: packCell('running', hasSpent ? spent + 1 : spent),
    epoch,
    holder: {
      attempt: request.attempt,
      worker: request.worker,
      beatAt: request.now,
      hasSpent,
      superseded: holder ? [...holder.superseded, { attempt: holder.attempt, worker: holder.worker }] : [],
    },
  }
  return { result: begun(becomes, request.index), becomes }
}

export function settle(
  entry: Entry,
  request: { attempt: string; epoch: number; settlement: Settlement },
): Decision<'settled' | 'repeated' | 'fenced'> {
  const { cell, epoch, holder, ended } = entry
  const { attempt, settlement } = request
  if (request.epoch !== epoch) return { result: 'fenced' }
  if (settlement === 'committed') {
    if (stateOfCell(cell) === 'committed') {
      const isOutrun = entry.outrun?.at(-1)?.attempt === attempt
      return { result: 'repeated', ...(isOutrun && { becomes: { cell, epoch } }) }
    }
    const becomes: Entry = { cell: packCell('committed', spentOfCell(cell)), epoch }
    if (!holder || holder.attempt === attempt) return { result: 'settled', becomes, revises: true }
    const outrun = [...holder.superseded, { attempt: holder.attempt, worker: holder.worker }]
    return { result: 'settled', becomes: { ...becomes, outrun }, revises: true }
  }
  if (holder?.attempt !== attempt) {
    return { result: ended?.attempt === attempt && ended.how === settlement ? 'repeated' : 'fenced' }
  }
  const isHandedBack = settlement === 'handed-back'
  const spent = spentOfCell(cell) - (isHandedBack && holder.hasSpent ? 1 : 0)
  const state = isHandedBack ? 'pending' : settlement
  const becomes = {
    cell: packCell(state, spent),
    epoch,
    ended: { attempt, how: settlement, hasSpent: holder.hasSpent },
  }
  return { result: 'settled', becomes, revises: isDead(state) }
}

export function reopen(entry: Entry, epoch: number): Decision<'reopened' | 'stale'> {
  if (entry.epoch !== epoch) return { result: 'stale' }
  return { result: 'reopened', becomes: { cell: packCell('pending', 0), epoch: epoch + 1 }, revises: true }
}

/** The result is whether it changed. Whoever runs what is cancelled hears of it at the next beat; a commit that comes first still counts. */
export function select(entry: Entry, as: 'pending' | 'cancelled'): Decision<boolean> {
  const state = stateOfCell(entry.cell)
  const { epoch } = entry
  if (as === 'cancelled' && openStates.includes(state)) {
    return { result: true, becomes: { cell: packCell('cancelled', spentOfCell(entry.cell)), epoch }, revises: true }
  }
  if (as === 'pending' && state === 'cancelled') {
    return { result: true, becomes: { cell: packCell('pending', 0), epoch }, revises: true }
  }
  return { result: false }
}

/** The result is whether the worker may go on. */
export function repeatRunning(entry: Entry, running: RunningAttempt, now: number): Decision<boolean> {
  const { cell, epoch, holder, ended } = entry
  const { attempt, worker } = running
  const state = stateOfCell(cell)
  if (running.epoch !== epoch) return { result: false }
  if (holder) {
    if (holder.attempt !== attempt) return { result: false }
    return { result: true, becomes: { ...entry, holder: { ...holder, beatAt: now } } }
  }
  if (state !== 'pending' && state !== 'retrying') return { result: false }
  const wasTakenBack = ended?.attempt === attempt && ended.how === 'taken-back'
  // A beat that was under way while its attempt settled.
  if (ended?.attempt === attempt && !wasTakenBack) return { result: false }
  const spent = spentOfCell(cell) + (wasTakenBack ? 0 : 1)
  const hasSpent = wasTakenBack ? ended.hasSpent : true
  const adopted = { attempt, worker, beatAt: now, hasSpent, superseded: [] }
  return { result: true, becomes: { cell: packCell('running', spent), epoch, holder: adopted } }
}

/** The result is whether it has been taken back (by this call or the same one before). */
export function takeBack(entry: Entry, request: { attempt: string; olderThan: number }): Decision<boolean> {
  const { cell, epoch, holder, ended } = entry
  if (!holder) return { result: ended?.attempt === request.attempt && ended.how === 'taken-back' }
  if (holder.attempt !== request.attempt || holder.beatAt >= request.olderThan) return { result: false }
  const { attempt, hasSpent } = holder
  const becomes: Entry = {
    cell: packCell('pending', spentOfCell(cell)),
    epoch,
    ended: { attempt, how: 'taken-back', hasSpent },
  }
  return { result: true, becomes }
}

/** What `begin` answers the holder, the first time and every time after. */
function begun({ cell, epoch, holder }: Entry, index: number): BeginResult {
  const outcome = holder?.hasSpent === false ? 'exhausted' : 'begun'
  const superseded = (holder?.superseded ?? []).map((lost) => ({ index, epoch, ...lost }))
  return { outcome, epoch, spent: spentOfCell(cell), superseded }
}

const isDead = (state: ConfigurationState) => state === 'dead-corrupt' || state === 'dead-failed'
