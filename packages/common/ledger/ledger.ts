import type { NotedFailure } from '../trials/note-trial.ts'
import type { OwedAttempts, Trial, Trials } from '../trials/trials.ts'
import type { StateCounts } from './states.ts'

export interface LedgerSummary {
  /** Configurations expected. */
  readonly total: number
  readonly counts: StateCounts
  /** Number of the manifest the ledger was made or extended for. */
  readonly manifest: number
  /** Grows with every change that could change a merge: a commit, a death, a reopening, an extension, a selection. */
  readonly revision: number
  /** The revision that the newest merge covered, or -1. */
  readonly mergedRevision: number
  /** Drawn anew whenever the ledger is created: tells a rebuilt ledger from the one before. */
  readonly instance: string
}

export interface RunningAttempt {
  readonly index: number
  readonly attempt: string
  readonly epoch: number
  readonly worker: string
}

export type RunningBeat = RunningAttempt & {
  /** Clock of the ledger's caller, ms, at the last beat. */ readonly beatAt: number
}

export type BeginResult =
  /**
   * begun: the attempt has begun. exhausted: every attempt is spent (the last one was lost with its worker), the caller writes
   * the dead letter; the attempt given is now the holder, so that it can settle. `superseded` names those that were still
   * running, oldest first: their workers are lost, their attempts spent. Whoever is lost before it has recorded them is
   * named with them the next time. committed: it names those that were running when one committed that they had taken over from;
   * they may have been lost before they were on record, and are named until the last of them settles as committed, too.
   */
  | {
      readonly outcome: 'begun' | 'exhausted' | 'committed'
      readonly epoch: number
      readonly spent: number
      readonly superseded: readonly RunningAttempt[]
    }
  /** set-aside: the host of the worker is, and begins nothing. */
  | { readonly outcome: 'cancelled' | 'dead' | 'set-aside'; readonly epoch: number }

export type Settlement = 'committed' | 'retrying' | 'dead-failed' | 'dead-corrupt' | 'handed-back'

export interface SettleResult {
  /** 'fenced': another attempt holds the configuration, or its epoch is over; nothing was changed. 'repeated': it was so already. */
  readonly outcome: 'settled' | 'repeated' | 'fenced'
  /** Configurations still open (pending, running, retrying) after it. */
  readonly open: number
  readonly revision: number
  /** Of a trial that failed, and was settled by this call. */
  readonly noted?: NotedFailure
}

export interface LedgerCreation {
  readonly manifest: number
  /** One byte a configuration, see states.ts. None may be `running`. */
  readonly cells: Uint8Array
  /** Live epochs above 0, by index. */
  readonly epochs: ReadonlyMap<number, number>
  readonly instance: string
}

/**
 * The state of every configuration of one sweep. Every method is atomic and idempotent; all but `create` throw
 * LEDGER_ABSENT when there is no ledger (Redis was emptied), but for `summary` and `remove`, and LEDGER_MISMATCH when it does
 * not reach to the configuration (its manifest is newer). Adapters: redis-ledger.ts (Lua), memory-ledger.ts.
 */
export interface Ledger {
  readonly sweep: string
  /** Creates the ledger if there is none; 'exists' leaves the present one alone. */
  create(creation: LedgerCreation): Promise<'created' | 'exists'>
  /** Appends configurations of a newer manifest; their cells follow the present ones. Repeating it changes nothing. */
  extend(extension: { manifest: number; fromTotal: number; cells: Uint8Array }): Promise<'extended' | 'repeated'>
  /** undefined when there is no ledger. */
  summary(): Promise<LedgerSummary | undefined>
  /** The cells of all configurations, one byte each. */
  cells(): Promise<Uint8Array>
  epochs(): Promise<Map<number, number>>
  running(): Promise<RunningBeat[]>
  /**
   * Starts an attempt of a worker called `host/pid`. Pending, retrying or running (the holder is superseded) -> running, one attempt spent, unless
   * `budget` attempts are spent already. Repeating it with the same attempt id returns the same result and spends nothing.
   */
  begin(request: { index: number; attempt: string; worker: string; budget: number; now: number }): Promise<BeginResult>
  /**
   * Ends an attempt. 'committed' is taken from anyone for the live epoch (the store holds the commit); all others only
   * from the holder. 'handed-back' -> pending and gives the attempt back; 'retrying' -> retrying; dead -> the dead state. An
   * attempt that ran its optimizer counts as a trial, once.
   */
  settle(request: {
    index: number
    attempt: string
    epoch: number
    settlement: Settlement
    trial?: Trial | undefined
  }): Promise<SettleResult>
  /** Opens the next epoch if `epoch` is the live one: pending, no attempts spent. 'stale' when it is not. */
  reopen(request: { index: number; epoch: number }): Promise<'reopened' | 'stale'>
  /**
   * pending, running or retrying -> cancelled, cancelled -> pending (attempts restored); others are left alone. The worker
   * of a running one loses it and stops at its next beat, unless it has committed by then. Returns how many changed.
   */
  select(request: { indices: readonly number[]; as: 'pending' | 'cancelled' }): Promise<number>
  /** A worker's repeated word of what it runs: refreshes the beat, and adopts pending or retrying configurations whose epoch is still live. Returns the indices that somebody else holds or that are settled. */
  repeatRunning(attempts: readonly RunningAttempt[], now: number): Promise<number[]>
  /** Takes back a running configuration whose beat is older than `olderThan` (ms epoch): -> pending, the attempt stays spent. False when it has moved on (true again when this same attempt has been taken back). */
  takeBack(request: { index: number; attempt: string; olderThan: number }): Promise<boolean>
  /**
   * Records that a merge covered `revision` of the ledger `instance` (never lowers it). One made anew since then counts its
   * revisions from 0: nothing is changed in that, nor in one that has not come to that revision (any more: Redis came back
   * without its last second).
   */
  markMerged(covered: Pick<LedgerSummary, 'revision' | 'instance'>): Promise<void>
  /** What the attempts have shown since the ledger was made. */
  trials(): Promise<Trials>
  /** Begins the row of failures anew: somebody has had a word with the sweep. */
  forgetRow(): Promise<void>
  /** Makes these the hosts that are set aside; any other begins anew. */
  setAside(hosts: readonly string[]): Promise<void>
  isSetAside(host: string): Promise<boolean>
  /** What has failed in a host's present streak and is not committed; without what runs elsewhere now, until that has ended. */
  owedBy(host: string): Promise<OwedAttempts>
  /** Gives open configurations back the attempts that failed in a host's present streak. Returns how many it gave; repeating it gives none. */
  giveBack(request: { host: string; indices: readonly number[] }): Promise<number>
  /** Takes the ledger away. */
  remove(): Promise<void>
}
