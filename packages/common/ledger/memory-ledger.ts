import { emptyTrialBook, newStreak, noteTrial, streakName, type TrialBook, trialsIn } from '../trials/note-trial.ts'
import type { OwedAttempts, Trials } from '../trials/trials.ts'
import { countNewCells, type noCells, openCells } from './cell-counts.ts'
import type {
  BeginResult,
  Ledger,
  LedgerCreation,
  LedgerSummary,
  RunningAttempt,
  RunningBeat,
  SettleResult,
} from './ledger.ts'
import { extensionMismatch, ledgerAbsent, unknownIndex } from './ledger-errors.ts'
import { packCell, spentOfCell, stateOfCell } from './states.ts'
import * as transitions from './transitions.ts'

export interface LedgerInMemory extends Ledger {
  /** Remembers how everything is now; what is returned makes it so again, as a Redis does that comes back from an old disk. */
  image(): () => void
}

/** A ledger in memory, for tests and simulations. Each call takes its effect at once, before its promise is returned. */
export function createMemoryLedger(sweep: string): LedgerInMemory {
  return new MemoryLedger(sweep)
}

interface Book {
  cells: Uint8Array
  manifest: number
  revision: number
  mergedRevision: number
  readonly instance: string
  readonly counts: ReturnType<typeof noCells>
  readonly epochs: Map<number, number>
  readonly holders: Map<number, transitions.Holder>
  readonly ended: Map<number, transitions.Ended>
  readonly outrun: Map<number, NonNullable<transitions.Entry['outrun']>>
  readonly trials: TrialBook
}

class MemoryLedger implements LedgerInMemory {
  readonly sweep: string
  #book: Book | undefined

  constructor(sweep: string) {
    this.sweep = sweep
  }

  image(): () => void {
    const book = structuredClone(this.#book)
    return () => {
      this.#book = structuredClone(book)
    }
  }

  async create({ cells, epochs, manifest, instance }: LedgerCreation): Promise<'created' | 'exists'> {
    const counts = countNewCells(cells)
    if (this.#book) return 'exists'
    this.#book = {
      cells: Uint8Array.from(cells),
      manifest,
      revision: 0,
      mergedRevision: -1,
      instance,
      counts,
      epochs: new Map([...epochs].filter(([, epoch]) => epoch > 0)),
      holders: new Map(),
      ended: new Map(),
      outrun: new Map(),
      trials: emptyTrialBook(),
    }
    return 'created'
  }

  async extend({ manifest, fromTotal, cells }: Parameters<Ledger['extend']>[0]): Promise<'extended' | 'repeated'> {
    countNewCells(cells)
    const book = this.#present()
    if (manifest <= book.manifest) return 'repeated'
    if (fromTotal !== book.cells.length) throw extensionMismatch(this.sweep, { fromTotal, total: book.cells.length })
    const longer = new Uint8Array(fromTotal + cells.length)
    longer.set(book.cells)
    longer.set(cells, fromTotal)
    book.cells = longer
    for (const cell of cells) book.counts[stateOfCell(cell)]++
    book.manifest = manifest
    book.revision++
    return 'extended'
  }

  async summary(): Promise<LedgerSummary | undefined> {
    if (!this.#book) return undefined
    const { cells, counts, manifest, revision, mergedRevision, instance } = this.#book
    return { total: cells.length, counts: { ...counts }, manifest, revision, mergedRevision, instance }
  }

  async cells(): Promise<Uint8Array> {
    return Uint8Array.from(this.#present().cells)
  }

  async epochs(): Promise<Map<number, number>> {
    return new Map(this.#present().epochs)
  }

  async running(): Promise<RunningBeat[]> {
    const book = this.#present()
    return [...book.holders].map(([index, { attempt, worker, beatAt }]) => ({
      index,
      attempt,
      worker,
      beatAt,
      epoch: book.epochs.get(index) ?? 0,
    }))
  }

  async begin(request: transitions.BeginRequest): Promise<BeginResult> {
    const isSetAside = this.#isSetAside(transitions.hostOfWorker(request.worker))
    return this.#decide(request.index, (entry) => transitions.begin(entry, request, isSetAside))
  }

  async settle(request: Parameters<Ledger['settle']>[0]): Promise<SettleResult> {
    const outcome = this.#decide(request.index, (entry) => transitions.settle(entry, request))
    const { counts, revision, trials } = this.#present()
    const isTrial = outcome === 'settled' && request.settlement !== 'handed-back'
    const noted = isTrial && request.trial && noteTrial(trials, request.trial, request)
    return { outcome, open: openCells(counts), revision, ...(noted && { noted }) }
  }

  async reopen({ index, epoch }: { index: number; epoch: number }): Promise<'reopened' | 'stale'> {
    const outcome = this.#decide(index, (entry) => transitions.reopen(entry, epoch))
    if (outcome === 'reopened') this.#present().trials.failedIn.delete(index)
    return outcome
  }

  async select({ indices, as }: { indices: readonly number[]; as: 'pending' | 'cancelled' }): Promise<number> {
    const book = this.#present()
    const { revision } = book
    const known = indices.filter((index) => index < book.cells.length)
    const changed = known.filter((index) => this.#decide(index, (entry) => transitions.select(entry, as)))
    for (const index of changed) book.trials.failedIn.delete(index)
    // One selection is one change, however many configurations are in it.
    book.revision = revision + (changed.length > 0 ? 1 : 0)
    return changed.length
  }

  async repeatRunning(attempts: readonly RunningAttempt[], now: number): Promise<number[]> {
    const { cells } = this.#present()
    return attempts
      .filter(({ index }) => index < cells.length)
      .filter((attempt) => !this.#decide(attempt.index, (entry) => transitions.repeatRunning(entry, attempt, now)))
      .map(({ index }) => index)
  }

  async takeBack(request: { index: number; attempt: string; olderThan: number }): Promise<boolean> {
    return this.#decide(request.index, (entry) => transitions.takeBack(entry, request))
  }

  async markMerged({ revision, instance }: Parameters<Ledger['markMerged']>[0]): Promise<void> {
    const book = this.#present()
    if (book.instance !== instance || revision > book.revision) return
    book.mergedRevision = Math.max(book.mergedRevision, revision)
  }

  async trials(): Promise<Trials> {
    return trialsIn(this.#present().trials)
  }

  async forgetRow(): Promise<void> {
    this.#present().trials.row = undefined
  }

  async setAside(hosts: readonly string[]): Promise<void> {
    const { trials } = this.#present()
    for (const { host, isSetAside } of trials.hosts.values()) {
      if (isSetAside && !hosts.includes(host)) trials.hosts.delete(host)
    }
    for (const host of hosts) {
      const streak = trials.hosts.get(host) ?? newStreak(trials, host)
      trials.hosts.set(host, { ...streak, isSetAside: true })
    }
  }

  async isSetAside(host: string): Promise<boolean> {
    return this.#isSetAside(host)
  }

  async owedBy(host: string): Promise<OwedAttempts> {
    const book = this.#present()
    const owed: { open: number[]; dead: { index: number; epoch: number }[] } = { open: [], dead: [] }
    for (const index of this.#failedIn(host)) {
      const state = stateOfCell(book.cells[index]!)
      if (state === 'pending' || state === 'retrying') owed.open.push(index)
      if (state === 'dead-failed' || state === 'dead-corrupt') {
        owed.dead.push({ index, epoch: book.epochs.get(index) ?? 0 })
      }
    }
    return owed
  }

  async giveBack({ host, indices }: Parameters<Ledger['giveBack']>[0]): Promise<number> {
    const book = this.#present()
    const owing = new Set(this.#failedIn(host))
    let given = 0
    for (const index of indices) {
      const cell = book.cells[index]
      if (cell === undefined || !owing.delete(index)) continue
      const state = stateOfCell(cell)
      if (state !== 'pending' && state !== 'retrying') continue
      const failed = book.trials.failedIn.get(index)!
      const kept = failed.filter((name) => name !== this.#streakOf(host))
      book.cells[index] = packCell(state, Math.max(0, spentOfCell(cell) - (failed.length - kept.length)))
      keep(book.trials.failedIn, index, kept.length > 0 ? kept : undefined)
      given += failed.length - kept.length
    }
    return given
  }

  async remove(): Promise<void> {
    this.#book = undefined
  }

  #isSetAside(host: string): boolean {
    return this.#present().trials.hosts.get(host)?.isSetAside ?? false
  }

  #streakOf(host: string): string | undefined {
    const streak = this.#present().trials.hosts.get(host)
    return streak && streakName(streak)
  }

  /** Configurations that failed in the present streak of a host, in order. */
  #failedIn(host: string): number[] {
    const name = this.#streakOf(host)
    const { failedIn } = this.#present().trials
    if (name === undefined) return []
    return [...failedIn].flatMap(([index, names]) => (names.includes(name) ? [index] : [])).sort((a, b) => a - b)
  }

  #present(): Book {
    if (!this.#book) throw ledgerAbsent(this.sweep)
    return this.#book
  }

  #decide<Result>(index: number, transition: (entry: transitions.Entry) => transitions.Decision<Result>): Result {
    const book = this.#present()
    const cell = book.cells[index]
    if (cell === undefined) throw unknownIndex(this.sweep, index)
    const holder = book.holders.get(index)
    const ended = book.ended.get(index)
    const outrun = book.outrun.get(index)
    const epoch = book.epochs.get(index) ?? 0
    const { result, becomes, revises } = transition({
      cell,
      epoch,
      ...(holder ? { holder } : {}),
      ...(ended ? { ended } : {}),
      ...(outrun ? { outrun } : {}),
    })
    if (becomes) {
      book.counts[stateOfCell(cell)]--
      book.counts[stateOfCell(becomes.cell)]++
      book.cells[index] = becomes.cell
      keep(book.epochs, index, becomes.epoch > 0 ? becomes.epoch : undefined)
      keep(book.holders, index, becomes.holder)
      keep(book.ended, index, becomes.ended)
      keep(book.outrun, index, becomes.outrun)
    }
    if (revises) book.revision++
    return result
  }
}

function keep<Value>(map: Map<number, Value>, index: number, value: Value | undefined): void {
  if (value === undefined) map.delete(index)
  else map.set(index, value)
}
