import { stateOfCell } from '@windrow/common/ledger/states.ts'
import type { ConfigurationJob } from '@windrow/common/queue/jobs.ts'
import type { ProducerMemory, ProducerPorts, SweepInCharge } from './reconcile.ts'

const chunkSize = 1000

/**
 * Enqueues pending configurations in order, in streamed chunks, until the queue holds `maxOpenJobs` of the sweep or the
 * end is reached; the cursor remembers where. Adding a job that is there already changes nothing.
 */
export async function topUp(sweep: SweepInCharge, ports: ProducerPorts, memory: ProducerMemory): Promise<void> {
  const { plan, ledger, queue, policy } = sweep
  if (memory.cursor >= plan.total) return
  const { waiting, active, delayed } = await queue.counts()
  let room = ports.maxOpenJobs - waiting - active - delayed
  if (room <= 0) return
  const cells = await ledger.cells()
  let added = 0
  while (memory.cursor < plan.total && room > 0) {
    const jobs: ConfigurationJob[] = []
    let next = memory.cursor
    while (next < plan.total && jobs.length < Math.min(chunkSize, room)) {
      const state = stateOfCell(cells[next]!)
      if (state === 'pending' || state === 'retrying') jobs.push(jobOf(sweep, next))
      next++
    }
    await queue.add(jobs, policy.priority)
    memory.cursor = next
    room -= jobs.length
    added += jobs.length
  }
  if (added > 0) ports.logger.info({ sweep: plan.sweep, added, upTo: memory.cursor, total: plan.total }, 'enqueued')
}

export function jobOf({ plan }: SweepInCharge, index: number): ConfigurationJob {
  return { sweep: plan.sweep, key: plan.keyAt(index), index, manifest: plan.manifest }
}
