import { sha256Of } from '@windrow/common/commits/read-commit.ts'
import type { Settlement, SettleResult } from '@windrow/common/ledger/ledger.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import { jobIds } from '@windrow/common/queue/jobs.ts'
import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'
import type { SpanFacts } from '@windrow/common/tracing/tracer.ts'
import { asksForJudgement } from '@windrow/common/trials/judge-sweep.ts'
import type { Trial } from '@windrow/common/trials/trials.ts'
import type { ConfigurationAtWork } from './expectation.ts'
import { type Patience, patiently } from './patience.ts'
import type { SweepAtWork, WorkerPorts } from './ports.ts'
import type { RunningSet } from './running-set.ts'

/** A job whose configuration is known. */
export interface JobContext {
  readonly ports: WorkerPorts & { readonly running: RunningSet }
  readonly sweep: SweepAtWork
  readonly configuration: ConfigurationAtWork
  readonly patience: Patience
  readonly shutdown: AbortSignal
  /** The job came back by itself after its worker was lost. */
  readonly redelivered: boolean
}

/** An attempt that the ledger has begun. */
export interface AttemptContext extends JobContext {
  readonly id: string
  readonly epoch: number
  /** 1 for the first attempt of the epoch. */
  readonly number: number
  readonly startedAt: number
  readonly logger: Logger
  /** Aborts when the worker drains or when somebody else holds the configuration. */
  readonly stop: AbortSignal
  readonly lose: () => void
  /** Settles the ledger, with what the attempt shows of its host if it ran, and asks for a merge when nothing is open any more. */
  readonly settle: (settlement: Settlement, trial?: Trial) => Promise<SettleResult>
  readonly giveBack: () => Promise<void>
  readonly record: (facts: AttemptFacts) => AttemptRecord
  /** Runs a step of the attempt as a span of its trace. */
  readonly traced: <Answer>(step: string, act: (tell: (facts: SpanFacts) => void) => Promise<Answer>) => Promise<Answer>
}

type AttemptFacts = Pick<AttemptRecord, 'outcome' | 'code' | 'message' | 'peakMemoryBytes'> & {
  readonly bytes?: Uint8Array
}

export function createAttemptContext(
  job: JobContext,
  begun: { readonly id: string; readonly epoch: number; readonly number: number },
): AttemptContext {
  const { ports, sweep, configuration, shutdown } = job
  const lost = new AbortController()
  const startedAt = ports.clock.now()
  const { id, epoch, number } = begun
  const logger = ports.logger.child({
    sweep: sweep.plan.sweep,
    key: configuration.key,
    epoch,
    attempt: id,
    job: jobIds.configuration(configuration.key),
  })
  const traced: AttemptContext['traced'] = (step, act) =>
    ports.tracer.span(step, { sweep: sweep.plan.sweep, key: configuration.key, epoch, attempt: id, number }, act)
  const settle = (settlement: Settlement, trial?: Trial) =>
    traced('settle', (tell) => {
      tell({ settlement })
      return settleConfiguration(job, { attempt: id, epoch, settlement, trial })
    })
  return {
    ...job,
    ...begun,
    startedAt,
    logger,
    settle,
    traced,
    stop: AbortSignal.any([shutdown, lost.signal]),
    lose: () => lost.abort(),
    giveBack: async () => void (await settle('handed-back')),
    record: ({ bytes, ...facts }) => ({
      schema: 1,
      sweep: sweep.plan.sweep,
      key: configuration.key,
      epoch,
      attempt: id,
      number,
      ...facts,
      host: ports.host,
      worker: ports.worker,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(ports.clock.now()).toISOString(),
      ...(bytes && { outputSha256: sha256Of(bytes), outputBytes: bytes.length }),
    }),
  }
}

/** Settles the ledger; the last settlement of a sweep asks for its merge, a failure too many for somebody who judges. */
async function settleConfiguration(
  { ports, sweep, configuration, patience }: JobContext,
  request: { attempt: string; epoch: number; settlement: Settlement; trial: Trial | undefined },
): Promise<SettleResult> {
  // Redis may just have been emptied: the producer rebuilds the ledger, and the settlement waits for it.
  const result = await patiently(patience, () => sweep.ledger.settle({ index: configuration.index, ...request }))
  if (result.noted && asksForJudgement(result.noted, sweep.policy.badHost)) await ports.wake(sweep.plan.sweep)
  if (result.open === 0 && result.outcome !== 'fenced') {
    await ports.merges.ask({ sweep: sweep.plan.sweep, revision: result.revision })
  }
  return result
}
