import type { Ledger } from '../ledger/ledger.ts'
import { stateOfCell } from '../ledger/states.ts'
import type { StatesInStore } from './states-in-store.ts'

/**
 * Brings a ledger to the live epochs of the store (by index, those above 0): whoever closed an epoch there may have been lost
 * before the ledger heard of it. Returns how many epochs it opened.
 */
export async function followReopenings(ledger: Ledger, live: ReadonlyMap<number, number>): Promise<number> {
  const known = await ledger.epochs()
  let opened = 0
  for (const [index, liveEpoch] of live) {
    for (let epoch = known.get(index) ?? 0; epoch < liveEpoch; epoch++) {
      if ((await ledger.reopen({ index, epoch })) === 'reopened') opened++
    }
  }
  return opened
}

/**
 * Tells a ledger of the commits in the store that it has not heard of: whoever made one may have been lost before it said so,
 * and the configuration may have been given up since. `by` stands for the attempt. Returns how many were news.
 */
export async function followCommits(
  ledger: Ledger,
  states: Pick<StatesInStore, 'cells' | 'epochs'>,
  by: string,
): Promise<number> {
  const cells = await ledger.cells()
  let heard = 0
  for (const [index, cell] of cells.entries()) {
    if (stateOfCell(states.cells[index] ?? cell) !== 'committed' || stateOfCell(cell) === 'committed') continue
    const epoch = states.epochs.get(index) ?? 0
    const { outcome } = await ledger.settle({ index, attempt: by, epoch, settlement: 'committed' })
    if (outcome === 'settled') heard++
  }
  return heard
}
