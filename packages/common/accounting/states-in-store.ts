import { packCell } from '../ledger/states.ts'
import { type DeadLetter, deadLetterSchema } from '../records/dead-letter.ts'
import { decodeRecord } from '../records/record-codec.ts'
import { names, parseKeyAndEpoch } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'
import { readWanted } from './wanted.ts'

export interface StatesInStore {
  /** One byte a configuration, as the ledger keeps it (no attempts counted: the store does not know a live epoch's failures). */
  readonly cells: Uint8Array
  /** Live epochs above 0, by index. */
  readonly epochs: Map<number, number>
  /** The dead letters of live epochs, by index. */
  readonly deadLetters: Map<number, DeadLetter>
  /** Names in the store's result folder that belong to no configuration of the sweep. */
  readonly strangers: string[]
}

/**
 * The state of every configuration by the store alone, the truth that outlives Redis. The live epoch is the lowest that
 * is not reopened; within it commit > dead letter > pending; what is not wanted (wanted.ts) is cancelled.
 */
export async function readStatesInStore(store: Store, plan: Plan): Promise<StatesInStore> {
  const sweep = plan.sweep
  const strangers: string[] = []
  const epochs = await liveEpochs(pairsUnder(store, plan, names.reopenings(sweep), strangers))
  const isLive = ({ index, epoch }: Pair) => epoch === (epochs.get(index) ?? 0)
  const deadLetters = new Map<number, DeadLetter>()
  for await (const pair of pairsUnder(store, plan, names.deadLetters(sweep), strangers)) {
    if (!isLive(pair)) continue
    deadLetters.set(pair.index, await readDeadLetter(store, sweep, plan.keyAt(pair.index), pair.epoch))
  }
  const cells = await unsettledCells(store, plan)
  for (const [index, letter] of deadLetters) cells[index] = packCell(letter.state, 0)
  for await (const pair of pairsUnder(store, plan, names.results(sweep), strangers)) {
    if (!isLive(pair)) continue
    cells[pair.index] = packCell('committed', 0)
    deadLetters.delete(pair.index)
  }
  return { cells, epochs, deadLetters, strangers }
}

interface Pair {
  readonly index: number
  readonly epoch: number
}

/** One after the other: of a million commits no list is made. */
async function* pairsUnder(store: Store, plan: Plan, folder: string, strangers: string[]): AsyncGenerator<Pair> {
  for await (const { name } of store.list(folder)) {
    const parsed = parseKeyAndEpoch(name)
    const index = parsed && plan.indexOf(parsed.key)
    if (parsed && index !== undefined) yield { index, epoch: parsed.epoch }
    else strangers.push(name)
  }
}

async function unsettledCells(store: Store, plan: Plan): Promise<Uint8Array> {
  const wanted = await readWanted(store, plan)
  const cells = new Uint8Array(plan.total).fill(packCell('pending', 0))
  if (!wanted) return cells
  return cells.map((pending, index) => (wanted(index) ? pending : packCell('cancelled', 0)))
}

async function liveEpochs(reopened: AsyncIterable<Pair>): Promise<Map<number, number>> {
  const over = new Map<number, Set<number>>()
  for await (const { index, epoch } of reopened) {
    const epochs = over.get(index) ?? new Set<number>()
    epochs.add(epoch)
    over.set(index, epochs)
  }
  const live = new Map<number, number>()
  for (const [index, epochs] of over) {
    let epoch = 0
    while (epochs.has(epoch)) epoch++
    if (epoch > 0) live.set(index, epoch)
  }
  return live
}

async function readDeadLetter(store: Store, sweep: string, key: string, epoch: number): Promise<DeadLetter> {
  const name = names.deadLetter(sweep, key, epoch)
  const bytes = await store.read(name)
  // Listed a moment ago: an empty read reports itself as a record that is none.
  return decodeRecord(deadLetterSchema, name, bytes ?? new Uint8Array())
}
