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
import { stateOfCell } from './states.ts'
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
    return this.#decide(request.index, (entry) => transitions.begin(entry, request))
  }

  async settle(request: Parameters<Ledger['settle']>[0]): Promise<SettleResult> {
    const outcome = this.#decide(request.index, (entry) => transitions.settle(entry, request))
    const { counts, revision } = this.#present()
    return { outcome, open: openCells(counts), revision }
  }

  async reopen({ index, epoch }: { index: number; epoch: number }): Promise<'reopened' | 'stale'> {
    return this.#decide(index, (entry) => transitions.reopen(entry, epoch))
  }

  async select({ indices, as }: { indices: readonly number[]; as: 'pending' | 'cancelled' }): Promise<number> {
    const book = this.#present()
    const { revision } = book
    const known = indices.filter((index) => index < book.cells.length)
    const changed = known.filter((index) => this.#decide(index, (entry) => transitions.select(entry, as))).length
    // One selection is one change, however many configurations are in it.
    book.revision = revision + (changed > 0 ? 1 : 0)
    return changed
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

  async remove(): Promise<void> {
    this.#book = undefined
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
    const epoch = book.epochs.get(index) ?? 0
    const { result, becomes, revises } = transition({
      cell,
      epoch,
      ...(holder ? { holder } : {}),
      ...(ended ? { ended } : {}),
    })
    if (becomes) {
      book.counts[stateOfCell(cell)]--
      book.counts[stateOfCell(becomes.cell)]++
      book.cells[index] = becomes.cell
      keep(book.epochs, index, becomes.epoch > 0 ? becomes.epoch : undefined)
      keep(book.holders, index, becomes.holder)
      keep(book.ended, index, becomes.ended)
    }
    if (revises) book.revision++
    return result
  }
}

function keep<Value>(map: Map<number, Value>, index: number, value: Value | undefined): void {
  if (value === undefined) map.delete(index)
  else map.set(index, value)
}
