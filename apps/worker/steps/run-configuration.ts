import { isWindrowError, messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { ConsumedJob, JobDisposition } from '@windrow/common/queue/queue.ts'
import { readConfigurationJob } from '@windrow/common/queue/read-job.ts'
import type { AttemptOutcome } from '../attempts/runner.ts'
import { type AttemptContext, createAttemptContext, type JobContext } from './attempt-context.ts'
import { type Begun, beginAttempt } from './begin-attempt.ts'
import { adoptCommit, commitResult } from './commit-result.ts'
import { configurationAtWork } from './expectation.ts'
import { failAttempt, handBack, refuseOutput } from './fail-attempt.ts'
import { DrainingError, patiently } from './patience.ts'
import type { WorkerPorts } from './ports.ts'
import type { RunningSet } from './running-set.ts'

type JobPorts = WorkerPorts & { readonly running: RunningSet }

/** A job, and the sweep in whose queue it was. */
export interface SweepJob extends ConsumedJob {
  readonly sweep: string
}

const ledgerPauseMs = 2_000

/**
 * The way of one job: begin it in the ledger, look whether it is committed already, run the optimizer, validate what it
 * left, commit it, settle the ledger. Every step is safe to repeat; `shutdown` hands the job back unspent.
 */
export async function runConfiguration(
  arrived: SweepJob,
  ports: JobPorts,
  shutdown: AbortSignal,
): Promise<JobDisposition> {
  try {
    const job = await openJob(arrived, ports, shutdown)
    for (;;) {
      const begun = await begin(job)
      if (begun.kind === 'over') return begun.disposition
      const disposition = await runAttempt(createAttemptContext(job, begun))
      // undefined: the epoch was closed because its commit is damaged, and the next one begins at once.
      if (disposition) return disposition
    }
  } catch (error) {
    if (error instanceof DrainingError) return { kind: 'hand-back' }
    // Redis was emptied before the attempt began: the producer rebuilds the ledger, and adds the job again.
    if (isWindrowError(error, 'LEDGER_ABSENT')) return { kind: 'retry', delayMs: ledgerPauseMs }
    if (isWindrowError(error, 'JOB_INVALID', 'SWEEP_UNKNOWN')) {
      ports.logger.error({ err: error, sweep: arrived.sweep, job: arrived.id.slice(0, 200) }, 'refused a job')
      return { kind: 'dead', message: `${error.code}: ${error.message}` }
    }
    throw error
  }
}

/** Checks what the job says against the manifest in the store: a job can name a configuration and nothing else. */
async function openJob(arrived: SweepJob, ports: JobPorts, shutdown: AbortSignal): Promise<JobContext> {
  const job = readConfigurationJob(arrived, arrived.sweep)
  const { clock, randomness, gate } = ports
  const patience = { clock, randomness, gate, shutdown }
  const sweep = await patiently(patience, () => ports.sweepOf(job.sweep, job.manifest))
  if (job.index >= sweep.plan.total || sweep.plan.keyAt(job.index) !== job.key) {
    throw new WindrowError('JOB_INVALID', {
      message: `the job names ${job.key} as configuration ${job.index} of ${job.sweep}, the manifest does not`,
      context: { ...job },
    })
  }
  const configuration = configurationAtWork(sweep, job.index)
  return { ports, sweep, configuration, patience, shutdown, redelivered: arrived.redelivered }
}

async function begin(job: JobContext): Promise<Begun> {
  const { ports, sweep, configuration } = job
  return await ports.tracer.span('begin', { sweep: sweep.plan.sweep, key: configuration.key }, async (tell) => {
    const begun = await beginAttempt(job)
    if (begun.kind === 'begun') tell({ epoch: begun.epoch, attempt: begun.id, number: begun.number })
    return begun
  })
}

async function runAttempt(attempt: AttemptContext): Promise<JobDisposition | undefined> {
  const { ports, sweep, configuration, epoch } = attempt
  const entry = {
    sweep: sweep.plan.sweep,
    index: configuration.index,
    attempt: attempt.id,
    epoch,
    worker: ports.worker,
    stop: attempt.lose,
  }
  ports.running.add(entry)
  try {
    const adopted = await adoptCommit(attempt)
    if (adopted === 'closed') return undefined
    if (adopted === 'committed') return { kind: 'done', value: 'committed before' }
    const outcome = await optimize(attempt)
    if (outcome.kind === 'stopped') return await handBack(attempt, outcome)
    if (outcome.kind === 'failed') return await failAttempt(attempt, outcome)
    const verdict = await attempt.traced('validate', async (tell) => {
      const verdict = await ports.validator.validate(outcome.bytes, configuration.expectation)
      if (!verdict.ok) tell({ cause: verdict.reason })
      return verdict
    })
    if (!verdict.ok) return await refuseOutput(attempt, outcome, verdict)
    return await commitResult(attempt, outcome)
  } catch (error) {
    if (error instanceof DrainingError) await attempt.giveBack()
    else attempt.logger.error({ err: error }, `a step of the attempt failed: ${messageOf(error)}`)
    throw error
  } finally {
    ports.running.remove(entry)
  }
}

async function optimize(attempt: AttemptContext): Promise<AttemptOutcome> {
  const { ports, sweep, configuration, epoch, id, stop } = attempt
  const { timeoutMs, memoryBytes } = sweep.policy
  const { key, problem, digest: configurationDigest } = configuration
  const asked = { sweep: sweep.plan.sweep, key, epoch, attempt: id, problem, configurationDigest }
  return await attempt.traced('attempt', async (tell) => {
    const outcome = await ports.runner.run({ ...asked, timeoutMs, memoryBytes }, stop)
    tell({ outcome: outcome.kind, ...(outcome.kind === 'failed' && { cause: outcome.code }) })
    return outcome
  })
}
