import type { RunningBeat } from '@windrow/common/ledger/ledger.ts'
import { openStates, spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { recordLostAttempt } from '@windrow/common/records/lost-attempt.ts'
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
  // In this order: a job outlives the settlement of its configuration, so no number of them can end in between.
  const counts = await queue.counts()
  const summary = await ledger.summary()
  if (!summary) return
  const open = openStates.reduce((sum, state) => sum + summary.counts[state], 0)
  const jobs = counts.waiting + counts.active + counts.delayed
  const jobless = Math.max(0, open - jobs)
  memory.adopted = Math.min(memory.adopted, jobless)
  if (jobless === 0 || (jobless === memory.adopted && ports.clock.now() < memory.lookAgainAt)) {
    memory.mismatches = 0
    return
  }
  memory.mismatches++
  if (memory.mismatches < 2) return
  memory.mismatches = 0
  const restored = await restoreJobs(sweep, ports, memory)
  // Work that was adopted from before Redis was emptied has no job, and needs none unless its worker falls silent.
  memory.adopted = Math.max(0, jobless - restored)
  memory.lookAgainAt = ports.clock.now() + silenceMs(sweep, ports)
  if (restored === 0) return
  memory.compareStore = true
  ports.logger.warn({ sweep: plan.sweep, open, jobs, restored }, 'open configurations had no job')
}

/** So long a worker is silent before what it ran counts as lost: two beats and a lock. */
const silenceMs = ({ policy }: SweepInCharge, { beatMs }: ProducerPorts) => 2 * beatMs + policy.lockMs

async function restoreJobs(sweep: SweepInCharge, ports: ProducerPorts, memory: ProducerMemory): Promise<number> {
  const { ledger, queue, plan, policy } = sweep
  const cells = await ledger.cells()
  const silent = await takeBackSilent(sweep, cells, { ports, memory })
  const wanting: number[] = []
  for (let index = 0; index < plan.total; index++) {
    if (isWaiting(cells[index]!) || silent.has(index)) wanting.push(index)
  }
  let restored = 0
  for (let from = 0; from < wanting.length; from += chunkSize) {
    const indices = wanting.slice(from, from + chunkSize)
    const without = new Set(await queue.withoutOpenJob(indices.map((index) => plan.keyAt(index))))
    if (without.size === 0) continue
    // One that died since its state was read has a failed job, too: sent to wait, it would be run with all attempts.
    const now = await ledger.cells()
    const jobs = indices
      .filter((index) => without.has(plan.keyAt(index)) && isWaiting(now[index]!))
      .map((index) => jobOf(sweep, index))
    await queue.ensure(jobs, policy.priority)
    restored += jobs.length
  }
  return restored
}

function isWaiting(cell: number): boolean {
  const state = stateOfCell(cell)
  return state === 'pending' || state === 'retrying'
}

/** Running configurations whose worker has been silent for two beats and a lock, and that have no job any more. */
async function takeBackSilent(
  sweep: SweepInCharge,
  cells: Uint8Array,
  { ports, memory }: { ports: ProducerPorts; memory: ProducerMemory },
): Promise<Set<number>> {
  const { ledger, queue, plan } = sweep
  const now = ports.clock.now()
  const olderThan = now - silenceMs(sweep, ports)
  const beats = await ledger.running()
  memory.aheadBeats = aheadBeats(beats, memory.aheadBeats, now)
  const standsStill = (index: number) => (memory.aheadBeats.get(index)?.seenAt ?? now) < olderThan
  const silent = beats.filter(({ index, beatAt }) => beatAt < olderThan || standsStill(index))
  const without = new Set(await queue.withoutOpenJob(silent.map(({ index }) => plan.keyAt(index))))
  const taken = new Set<number>()
  for (const { beatAt, ...lost } of silent) {
    const { index, attempt } = lost
    const key = plan.keyAt(index)
    if (!without.has(key)) continue
    // Before it is taken back: whoever begins next is told of no one.
    await recordLostAttempt(ports.store, { sweep: plan.sweep, key, lost, number: spentOfCell(cells[index]!), now })
    if (await ledger.takeBack({ index, attempt, olderThan: beatAt + 1 })) taken.add(index)
  }
  return taken
}

/** When beats of workers whose clocks are ahead were first seen: how old they are only shows in that they do not change. */
function aheadBeats(beats: readonly RunningBeat[], known: ProducerMemory['aheadBeats'], now: number) {
  const ahead = beats.filter(({ beatAt }) => beatAt > now)
  return new Map(
    ahead.map(({ index, attempt, beatAt }) => {
      const before = known.get(index)
      const isSame = before?.attempt === attempt && before.beatAt === beatAt
      return [index, isSame ? before : { attempt, beatAt, seenAt: now }] as const
    }),
  )
}
