import type { ActionLog } from '@windrow/common/accounting/actions.ts'
import { describePause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { readStatesInStore, type StatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'
import type { Ledger, LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { ConfigurationQueue, MergeRequests } from '@windrow/common/queue/queue.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { Policy } from '@windrow/common/sweep/policy.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { Randomness } from '@windrow/common/time/randomness.ts'
import { compareWithQueue } from './compare-with-queue.ts'
import { compareWithStore } from './compare-with-store.ts'
import { judgeTrials } from './judge-trials.ts'
import { topUp } from './top-up.ts'

export interface SweepInCharge {
  readonly plan: SweepPlan
  readonly policy: Policy
  readonly submittedAt: number
  readonly ledger: Ledger
  readonly queue: ConfigurationQueue
}

export interface ProducerPorts {
  readonly store: Store
  /** What operators did to a sweep. */
  readonly readActions: (sweep: string) => Promise<ActionLog>
  readonly merges: MergeRequests
  readonly active: ActiveSweeps
  readonly clock: Clock
  readonly randomness: Randomness
  readonly logger: Logger
  /** A worker repeats what it runs this often. */
  readonly beatMs: number
  readonly maxOpenJobs: number
  /** No worker can be running when this producer starts: there is nothing to adopt from an emptied Redis. */
  readonly alone: boolean
}

/** What a producer remembers of a sweep between two passes; losing it costs a full comparison. */
export interface ProducerMemory {
  /** The ledger this producer knows; another one means that Redis was emptied in between. */
  instance?: string
  /** The highest revision of it that was seen. */
  revision: number
  /** Until then running work may still announce itself: nothing is enqueued. */
  adoptUntil: number
  /** Configurations below it have been enqueued or did not need to be. */
  cursor: number
  mismatches: number
  /** So many open configurations run without a job: they were adopted after Redis was emptied. */
  adopted: number
  /** Then it is looked again whether their workers still beat. */
  lookAgainAt: number
  /** The beats of running configurations that are later than it is here, by index, and when each was first seen. */
  aheadBeats: ReadonlyMap<number, { readonly attempt: string; readonly beatAt: number; readonly seenAt: number }>
  compareStore: boolean
  /** The operators' actions that have been heeded: their number, and the name of the newest. */
  heeded?: { readonly count: number; readonly newest: string }
}

/** What makes the next pass compare everything and enqueue from the beginning. */
export const wantsAll = { compareStore: true, cursor: 0, mismatches: 1 } as const

export const freshMemory = (): ProducerMemory => ({
  revision: 0,
  adoptUntil: 0,
  adopted: 0,
  lookAgainAt: 0,
  aheadBeats: new Map(),
  ...wantsAll,
})

/**
 * One pass over one sweep, level-triggered: heeds what operators did, makes the ledger if there is none, judges what its attempts
 * have shown, keeps the queue equal to what is open (paused, while the newest of pause and resume in the store says so), and asks for a merge when everything is settled. Safe to repeat and to run twice at once.
 */
export async function reconcile(
  sweep: SweepInCharge,
  ports: ProducerPorts,
  memory: ProducerMemory,
): Promise<LedgerSummary> {
  const log = await ports.readActions(sweep.plan.sweep)
  const isNews = heed(log, memory)
  await meetLedger(sweep, ports, memory)
  const { ledger, plan } = sweep
  // Nothing counts against a sweep that is paused, nor what was before somebody had a word with it.
  if (isNews || pauseBy(log.actions)) await ledger.forgetRow()
  await keepPause(sweep, ports, log)
  await judgeTrials(sweep, ports, { log, memory })
  if (memory.compareStore) {
    await compareWithStore(sweep, ports)
    memory.compareStore = false
  }
  if (ports.clock.now() >= memory.adoptUntil) {
    await topUp(sweep, ports, memory)
    await compareWithQueue(sweep, ports, memory)
  }
  const summary = await presentSummary(ledger)
  const { pending, running, retrying } = summary.counts
  const open = pending + running + retrying
  // Workers subscribe to the active sweeps. A job that somebody retried in the queue needs one, although its
  // configuration is dead until the worker begins it.
  if (open > 0 || (await openJobs(sweep)) > 0) {
    await ports.active.add(plan.sweep, sweep.submittedAt, plan.specification.optimizer.name)
  } else await ports.active.remove(plan.sweep)
  if (open === 0) await askForMerge(sweep, ports, summary)
  if (summary.instance === memory.instance) memory.revision = summary.revision
  return summary
}

/** A new action may want other configurations, or open epochs: everything is compared, as when somebody wakes the producer. */
function heed({ actions, newest }: ActionLog, memory: ProducerMemory): boolean {
  const count = actions.length
  if (memory.heeded?.count === count && memory.heeded.newest === newest) return false
  Object.assign(memory, { heeded: { count, newest }, ...wantsAll })
  return true
}

async function keepPause({ plan, queue }: SweepInCharge, { logger }: ProducerPorts, log: ActionLog): Promise<void> {
  const pause = pauseBy(log.actions)
  if (!(await queue.setPaused(pause !== undefined))) return
  logger.info({ sweep: plan.sweep }, pause ? describePause(pause) : 'resumed')
}

/** Creates the ledger from the store, or brings it to the newest manifest (a changed policy wants another merge, too); notices one that is not the one it knew. */
async function meetLedger(sweep: SweepInCharge, ports: ProducerPorts, memory: ProducerMemory): Promise<void> {
  const { plan, ledger } = sweep
  const present = await ownLedger(sweep, ports)
  if (present) noticeLoss(present, sweep, { ports, memory })
  if (present && present.instance !== memory.instance) {
    // Another producer was quicker to make it anew: what runs announces itself to this one no sooner.
    const wait = memory.instance === undefined ? 0 : 2 * ports.beatMs
    const adoptUntil = Math.max(memory.adoptUntil, wait && ports.clock.now() + wait)
    Object.assign(memory, { ...freshMemory(), instance: present.instance, adoptUntil })
  }
  if (present && present.manifest >= plan.manifest) return
  const states = await readStatesInStore(ports.store, plan)
  if (!present) return await createLedger(sweep, states, { ports, memory })
  const cells = states.cells.subarray(present.total)
  await ledger.extend({ manifest: plan.manifest, fromTotal: present.total, cells })
  ports.logger.info({ sweep: plan.sweep, from: present.total, to: plan.total }, 'extended the ledger')
}

/** A ledger that was further on before: Redis came back without what it had acknowledged last, perhaps a commit. */
function noticeLoss(
  { instance, revision }: LedgerSummary,
  { plan }: SweepInCharge,
  { ports, memory }: { ports: ProducerPorts; memory: ProducerMemory },
): void {
  if (instance !== memory.instance) return
  const known = memory.revision
  memory.revision = revision
  if (revision >= known) return
  Object.assign(memory, wantsAll)
  const facts = { sweep: plan.sweep, known, revision }
  ports.logger.warn(facts, 'Redis has lost what it had acknowledged; the ledger is held against the store')
}

/** Which submission a ledger was made for stands at the beginning of its instance. */
const submissionOf = ({ submittedAt }: SweepInCharge) => `${submittedAt}.`

/** The ledger, unless it is of an earlier sweep of this name, which has been deleted: that one is taken away with its jobs. */
async function ownLedger(sweep: SweepInCharge, { logger }: ProducerPorts): Promise<LedgerSummary | undefined> {
  const { plan, ledger, queue } = sweep
  const present = await ledger.summary()
  if (!present || present.instance.startsWith(submissionOf(sweep))) return present
  logger.warn({ sweep: plan.sweep }, 'the ledger is of another sweep of this name, which was deleted; it is made anew')
  await queue.remove()
  await ledger.remove()
  return undefined
}

async function createLedger(
  sweep: SweepInCharge,
  states: StatesInStore,
  { ports, memory }: { ports: ProducerPorts; memory: ProducerMemory },
): Promise<void> {
  const { plan, ledger } = sweep
  const instance = submissionOf(sweep) + ports.randomness.id()
  const lostOne = memory.instance !== undefined
  const created = await ledger.create({ manifest: plan.manifest, cells: states.cells, epochs: states.epochs, instance })
  // Running work announces itself at every beat; two of them, and what has not is not running.
  const wait = lostOne || !ports.alone ? 2 * ports.beatMs : 0
  const ours = { instance: created === 'created' ? instance : undefined, compareStore: false }
  Object.assign(memory, { ...freshMemory(), ...ours, adoptUntil: ports.clock.now() + wait })
  const committed = states.cells.filter((cell) => stateOfCell(cell) === 'committed').length
  const facts = { sweep: plan.sweep, total: plan.total, committed, wait, created }
  if (lostOne)
    ports.logger.warn(facts, 'Redis was emptied: rebuilt the ledger from the store; attempts are granted again')
  else ports.logger.info(facts, 'made the ledger from the store')
  for (const stranger of states.strangers)
    ports.logger.warn({ stranger }, 'the store holds an object of no configuration')
}

/** Jobs that will run, or run. */
async function openJobs({ queue }: Pick<SweepInCharge, 'queue'>): Promise<number> {
  const { waiting, active, delayed } = await queue.counts()
  return waiting + active + delayed
}

async function askForMerge({ plan }: SweepInCharge, ports: ProducerPorts, summary: LedgerSummary): Promise<void> {
  if (summary.mergedRevision >= summary.revision || summary.counts.committed === 0) return
  await ports.merges.ask({ sweep: plan.sweep, revision: summary.revision })
}

async function presentSummary(ledger: Ledger): Promise<LedgerSummary> {
  const summary = await ledger.summary()
  if (summary) return summary
  throw new WindrowError('LEDGER_ABSENT', {
    message: `Redis was emptied while the ledger of ${ledger.sweep} was compared`,
  })
}
