import type { Ledger } from '../ledger/ledger.ts'

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
