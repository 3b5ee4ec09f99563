import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { isWindrowError, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { BeginResult, RunningAttempt } from '@windrow/common/ledger/ledger.ts'
import type { JobDisposition } from '@windrow/common/queue/queue.ts'
import { recordLostAttempt } from '@windrow/common/records/lost-attempt.ts'
import { createAttemptContext, type JobContext } from './attempt-context.ts'
import { adoptCommit } from './commit-result.ts'
import { buryConfiguration } from './fail-attempt.ts'
import { patiently } from './patience.ts'

export type Begun =
  | { readonly kind: 'begun'; readonly id: string; readonly epoch: number; readonly number: number }
  | { readonly kind: 'over'; readonly disposition: JobDisposition }

/** After so long a job that this host may not begin is there for others. */
const elsewhereMs = 1_000

/**
 * Begins an attempt in the ledger. A configuration that is done is left alone; a dead one gets its next epoch, because
 * whoever runs its job again wants it run with all attempts (unless the job came back by itself); one whose last attempt was lost with its worker dies.
 */
export async function beginAttempt(job: JobContext): Promise<Begun> {
  const { ports } = job
  for (;;) {
    const id = ports.randomness.id()
    const result = await beginInLedger(job, id)
    if (result.outcome === 'committed') {
      await recordOutrun(job, result)
      return { kind: 'over', disposition: { kind: 'done', value: result.outcome } }
    }
    if (result.outcome === 'begun' || result.outcome === 'exhausted') {
      // Whoever finds every attempt spent has spent none itself.
      await recordSuperseded(job, { ...result, spent: result.outcome === 'begun' ? result.spent - 1 : result.spent })
      if (result.outcome === 'begun') return { kind: 'begun', id, epoch: result.epoch, number: result.spent }
      const disposition = await endLost(job, { id, epoch: result.epoch, number: result.spent })
      // undefined: the epoch was closed because its commit is damaged, and the next one begins at once.
      if (!disposition) continue
      return { kind: 'over', disposition }
    }
    if (result.outcome === 'set-aside') return { kind: 'over', disposition: { kind: 'retry', delayMs: elsewhereMs } }
    if (result.outcome !== 'dead') return { kind: 'over', disposition: { kind: 'done', value: result.outcome } }
    if (job.redelivered) {
      const message = 'it had died when its worker was lost, and nobody has asked for it to be run again'
      return { kind: 'over', disposition: { kind: 'dead', message } }
    }
    await openNextEpoch(job, result.epoch)
  }
}

/**
 * An answer that was lost is asked for again, under the same id: begun anew it would be another attempt, and this one spent
 * for nothing. A ledger that is absent or behind is waited for in the queue.
 */
async function beginInLedger(job: JobContext, attempt: string): Promise<BeginResult> {
  const { ports, sweep, configuration, patience } = job
  const { index } = configuration
  const request = { index, attempt, worker: ports.worker, budget: sweep.policy.attempts, now: ports.clock.now() }
  const answer = await patiently(patience, async () => {
    try {
      return await sweep.ledger.begin(request)
    } catch (error) {
      if (isWindrowError(error, 'LEDGER_ABSENT', 'LEDGER_MISMATCH')) return error
      throw error
    }
  })
  if (answer instanceof WindrowError) throw answer
  return answer
}

interface Superseding {
  readonly epoch: number
  /** How many attempts those that are superseded and those before them have spent. */
  readonly spent: number
  readonly superseded: readonly RunningAttempt[]
}

async function recordSuperseded(job: JobContext, { spent, superseded }: Superseding): Promise<void> {
  for (const [i, lost] of superseded.entries()) {
    await recordLost(job, lost, spent - (superseded.length - 1 - i))
  }
}

/** Who was at it when another committed, and may be lost, is put on record; then the ledger is told so. */
async function recordOutrun(job: JobContext, outrun: Superseding): Promise<void> {
  const last = outrun.superseded.at(-1)
  if (!last) return
  await recordSuperseded(job, outrun)
  const { index, attempt } = last
  await job.sweep.ledger.settle({ index, attempt, epoch: outrun.epoch, settlement: 'committed' })
}

async function openNextEpoch({ ports, sweep, configuration, patience }: JobContext, epoch: number): Promise<void> {
  const address = { sweep: sweep.plan.sweep, key: configuration.key, epoch }
  const actor = {
    who: ports.worker,
    host: ports.host,
    now: ports.clock.now(),
    reason: 'its job was retried in the queue',
  }
  await patiently(patience, () => recordReopening(ports.store, address, actor))
  await sweep.ledger.reopen({ index: configuration.index, epoch })
}

/** Every attempt is spent. The last may have committed before it was lost: what is in the store is no dead letter. */
async function endLost(
  job: JobContext,
  begun: { id: string; epoch: number; number: number },
): Promise<JobDisposition | undefined> {
  const attempt = createAttemptContext(job, { ...begun, number: Math.max(1, begun.number) })
  const adopted = await adoptCommit(attempt)
  if (adopted === 'closed') return undefined
  if (adopted === 'committed') return { kind: 'done', value: 'committed before' }
  const cause = { code: 'WORKER_LOST' as const, message: 'the worker that ran the last attempt disappeared' }
  return await buryConfiguration(attempt, { state: 'dead-failed' }, cause)
}

/** Every attempt is on record, also one whose worker cannot record it any more. */
async function recordLost({ ports, sweep, configuration, patience }: JobContext, lost: RunningAttempt, number: number) {
  ports.observer.lost()
  const facts = { sweep: sweep.plan.sweep, key: configuration.key, lost, number, now: ports.clock.now() }
  await patiently(patience, () => recordLostAttempt(ports.store, facts))
}
