import { followCommits, followReopenings } from '@windrow/common/accounting/follow-store.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { readWanted } from '@windrow/common/accounting/wanted.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { openStates, stateOfCell } from '@windrow/common/ledger/states.ts'
import { names } from '@windrow/common/store/names.ts'
import type { ProducerPorts, SweepInCharge } from './reconcile.ts'

/** The attempt id under which the producer settles what it finds committed in the store. */
const reconciler = 'reconciler'

/**
 * Brings a ledger that Redis kept to what the store says, which is the truth: epochs that are over, commits that the
 * ledger has not heard of or that are gone, what the operators want of it by now.
 */
export async function compareWithStore(sweep: SweepInCharge, ports: ProducerPorts): Promise<void> {
  const { plan, ledger } = sweep
  const [knownEpochs, knownCells] = [await ledger.epochs(), await ledger.cells()]
  const states = await readStatesInStore(ports.store, plan)
  let corrected = await followReopenings(ledger, states.epochs)
  corrected += await followCommits(ledger, states, reconciler)
  for (const [index, cell] of knownCells.entries()) {
    if (stateOfCell(cell) !== 'committed' || stateOfCell(states.cells[index] ?? cell) === 'committed') continue
    if (await reopenIfGone(sweep, ports, { index, epoch: knownEpochs.get(index) ?? 0 })) corrected++
  }
  corrected += await applyWanted(sweep, ports)
  if (corrected > 0) ports.logger.warn({ sweep: plan.sweep, corrected }, 'the ledger differed from the store')
}

/** The ledger counts a commit that the listing did not show: when it is not there indeed, its configuration runs again. */
async function reopenIfGone(
  { plan, ledger }: SweepInCharge,
  { store, clock, logger }: ProducerPorts,
  { index, epoch }: { index: number; epoch: number },
): Promise<boolean> {
  const address = { sweep: plan.sweep, key: plan.keyAt(index), epoch }
  if (await store.read(names.result(address.sweep, address.key, epoch))) return false
  const reason = 'the commit is gone from the store'
  logger.error({ ...address, reason }, 'a commit is gone from the store; its configuration runs again')
  await recordReopening(store, address, { who: reconciler, now: clock.now(), reason })
  return (await ledger.reopen({ index, epoch })) === 'reopened'
}

/** What is not wanted is cancelled, also where it runs; what is wanted and was cancelled is pending again. */
async function applyWanted({ plan, ledger }: SweepInCharge, { store }: ProducerPorts): Promise<number> {
  const wanted = (await readWanted(store, plan)) ?? (() => true)
  const cells = await ledger.cells()
  const restore: number[] = []
  const cancel: number[] = []
  for (let index = 0; index < cells.length; index++) {
    const state = stateOfCell(cells[index]!)
    if (state === 'cancelled' && wanted(index)) restore.push(index)
    else if (openStates.includes(state) && !wanted(index)) cancel.push(index)
  }
  const restored = restore.length > 0 ? await ledger.select({ indices: restore, as: 'pending' }) : 0
  const cancelled = cancel.length > 0 ? await ledger.select({ indices: cancel, as: 'cancelled' }) : 0
  return restored + cancelled
}
