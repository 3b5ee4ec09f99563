import { readStatesInStore } from '../accounting/states-in-store.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { packCell, type StateCounts, stateOfCell } from '../ledger/states.ts'
import { readAhead } from '../merging/read-ahead.ts'
import { type DeadLetter, deadLetterSchema } from '../records/dead-letter.ts'
import { decodeRecord } from '../records/record-codec.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'
import { countStates, isDead } from './state-words.ts'

/** The state of every configuration as it is known now, and from where. */
export interface CurrentStates {
  /** The store knows neither what runs nor how many attempts a live epoch has spent. */
  readonly source: 'ledger' | 'store'
  /** One byte a configuration, see ledger/states.ts. */
  readonly cells: Uint8Array
  readonly counts: StateCounts
  /** Live epochs above 0, by index. */
  readonly epochs: ReadonlyMap<number, number>
  /** Dead letters of live epochs, by index. */
  readonly deadLetters: ReadonlyMap<number, DeadLetter>
  /** Of the ledger: another one means that Redis was emptied in between. */
  readonly instance?: string
  /** Redis answers, but holds no ledger of the sweep. */
  readonly ledgerAbsent: boolean
}

export interface CurrentSources {
  readonly store: Store
  readonly ledger?: Ledger | undefined
  /** Dead letters never change: those read before need not be read again. */
  readonly known?: CurrentStates | undefined
}

const readsAtOnce = 16

/** What every configuration's state is, without why. */
export type CellsNow = Pick<CurrentStates, 'source' | 'cells' | 'counts' | 'ledgerAbsent'>

/** The same as `readCurrentStates` without epochs and dead letters: with a ledger one question to Redis, however many are dead. */
export async function readCellsNow({ store, ledger }: Omit<CurrentSources, 'known'>, plan: Plan): Promise<CellsNow> {
  if (!ledger) return await fromStore(store, plan, false)
  try {
    const cells = cellsOf(await ledger.cells(), plan)
    return { source: 'ledger', cells, counts: countStates(cells), ledgerAbsent: false }
  } catch (error) {
    if (isWindrowError(error, 'LEDGER_ABSENT')) return await fromStore(store, plan, true)
    throw error
  }
}

/** Reads the states from the ledger where there is one, else from the store alone. */
export async function readCurrentStates(sources: CurrentSources, plan: Plan): Promise<CurrentStates> {
  const { ledger } = sources
  if (!ledger) return await fromStore(sources.store, plan, false)
  try {
    return (await fromLedger({ ...sources, ledger }, plan)) ?? (await fromStore(sources.store, plan, true))
  } catch (error) {
    // Emptied between two questions.
    if (isWindrowError(error, 'LEDGER_ABSENT')) return await fromStore(sources.store, plan, true)
    throw error
  }
}

async function fromStore(store: Store, plan: Plan, ledgerAbsent: boolean): Promise<CurrentStates> {
  const { cells, epochs, deadLetters } = await readStatesInStore(store, plan)
  return { source: 'store', cells, counts: countStates(cells), epochs, deadLetters, ledgerAbsent }
}

async function fromLedger(
  { store, ledger, known }: CurrentSources & { ledger: Ledger },
  plan: Plan,
): Promise<CurrentStates | undefined> {
  const summary = await ledger.summary()
  if (!summary) return undefined
  const [present, epochs] = await Promise.all([ledger.cells(), ledger.epochs()])
  const cells = cellsOf(present, plan)
  const dead = [...cells.keys()].filter((index) => isDead(stateOfCell(cells[index]!)))
  const deadLetters = new Map<number, DeadLetter>()
  const reading = readAhead(dead, readsAtOnce, async (index) => {
    const epoch = epochs.get(index) ?? 0
    const kept = known?.deadLetters.get(index)
    return kept?.epoch === epoch ? kept : await readDeadLetter(store, plan, { index, epoch })
  })
  let place = 0
  for await (const letter of reading) {
    if (letter) deadLetters.set(dead[place]!, letter)
    place++
  }
  const { instance } = summary
  return { source: 'ledger', cells, counts: countStates(cells), epochs, deadLetters, instance, ledgerAbsent: false }
}

/** What a newer manifest has added, and no producer has entered yet, is pending. */
function cellsOf(present: Uint8Array, { total }: Plan): Uint8Array {
  const cells = new Uint8Array(total).fill(packCell('pending', 0))
  cells.set(present.subarray(0, total))
  return cells
}

async function readDeadLetter(store: Store, plan: Plan, at: { index: number; epoch: number }) {
  const name = names.deadLetter(plan.sweep, plan.keyAt(at.index), at.epoch)
  const bytes = await store.read(name)
  return bytes && decodeRecord(deadLetterSchema, name, bytes)
}
