import { openStates, stateOfCell } from '@windrow/common/ledger/states.ts'
import type { ProducerMemory, ProducerPorts, SweepInCharge } from './reconcile.ts'
import { jobOf } from './top-up.ts'

const chunkSize = 1000

/**
 * Compares the ledger's open configurations with the queue's open jobs: by counters at every pass, one by one when the
 * counters differ twice running. What has no job gets one; a running configuration only when its worker is silent.
 */
export async function compareWithQueue(
  sweep: SweepInCharge,
  ports: ProducerPorts,
  memory: ProducerMemory,
): Promise<void> {
  const { ledger, queue, plan } = sweep
  if (memory.cursor < plan.total) return
  const [summary, counts] = [await ledger.summary(), await queue.counts()]
  if (!summary) return
  const open = openStates.reduce((sum, state) => sum + summary.counts[state], 0)
  const jobs = counts.waiting + counts.active + counts.delayed
  if (open <= jobs) {
    memory.mismatches = 0
    return
  }
  memory.mismatches++
  if (memory.mismatches < 2) return
  memory.mismatches = 0
  memory.compareStore = true
  const restored = await restoreJobs(sweep, ports)
  ports.logger.warn({ sweep: plan.sweep, open, jobs, restored }, 'open configurations had no job')
}

async function restoreJobs(sweep: SweepInCharge, ports: ProducerPorts): Promise<number> {
  const { ledger, queue, plan, policy } = sweep
  const cells = await ledger.cells()
  const silent = await takeBackSilent(sweep, ports)
  const wanting: number[] = []
  for (let index = 0; index < plan.total; index++) {
    const state = stateOfCell(cells[index]!)
    if (state === 'pending' || state === 'retrying' || silent.has(index)) wanting.push(index)
  }
  let restored = 0
  for (let from = 0; from < wanting.length; from += chunkSize) {
    const indices = wanting.slice(from, from + chunkSize)
    const without = new Set(await queue.withoutOpenJob(indices.map((index) => plan.keyAt(index))))
    const jobs = indices.filter((index) => without.has(plan.keyAt(index))).map((index) => jobOf(sweep, index))
    await queue.ensure(jobs, policy.priority)
    restored += jobs.length
  }
  return restored
}

/** Running configurations whose worker has been silent for two beats and a lock, and that have no job any more. */
async function takeBackSilent(
  { ledger, queue, plan, policy }: SweepInCharge,
  ports: ProducerPorts,
): Promise<Set<number>> {
  const olderThan = ports.clock.now() - 2 * ports.beatMs - policy.lockMs
  const silent = (await ledger.running()).filter(({ beatAt }) => beatAt < olderThan)
  const without = new Set(await queue.withoutOpenJob(silent.map(({ index }) => plan.keyAt(index))))
  const taken = new Set<number>()
  for (const { index, attempt } of silent) {
    if (!without.has(plan.keyAt(index))) continue
    if (await ledger.takeBack({ index, attempt, olderThan })) taken.add(index)
  }
  return taken
}
