import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import type { MergeJob } from '@windrow/common/queue/jobs.ts'
import type { ConsumedJob, JobDisposition } from '@windrow/common/queue/queue.ts'
import { readMergeJob } from '@windrow/common/queue/read-job.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import type { SweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import type { Tracer } from '@windrow/common/tracing/tracer.ts'
import { type MergeOutcome, type MergerPorts, makeGeneration } from './make-generation.ts'

/** Hears what becomes of requests; nothing depends on it. Adapter: packages/common/metrics/merger-metrics.ts. */
export interface MergeObserver {
  /** A request is being answered; the function that is returned hears what came of it. */
  mergeBegins(): (outcome: MergeOutcome['kind'] | 'repeated' | 'covered' | 'failed') => void
  /** A generation was recorded that was not there before. */
  published(generation: Generation): void
}

export interface MergeRequestPorts {
  readonly reader: SweepReader
  readonly ledgerOf: (sweep: string) => Ledger
  readonly ports: MergerPorts
  readonly tracer: Tracer
  /** Told why a merge failed, and (undefined) that one did not: whoever waits for it should hear of it. */
  readonly onTrouble: (reason: string | undefined) => void
  readonly observer: MergeObserver
}

const pauseMs = 2_000

/**
 * Answers one request for a merge. What fails because something is away is tried again until it is back; a request that
 * is none of ours is refused. A drain hands it back: a merge is repeated from its beginning.
 */
export async function answerMergeRequest(
  arrived: Pick<ConsumedJob, 'id' | 'name' | 'data'>,
  { reader, ledgerOf, ports, tracer, onTrouble, observer }: MergeRequestPorts,
  shutdown: AbortSignal,
): Promise<JobDisposition> {
  const request = readRequest(arrived, ports)
  if ('kind' in request) return request
  const { sweep, revision } = request
  const logger = ports.logger.child({ sweep })
  if (shutdown.aborted) return { kind: 'hand-back' }
  const mergeEnds = observer.mergeBegins()
  try {
    const submitted = await reader.readNewest(sweep)
    if (await isCovered(ledgerOf(sweep), revision)) {
      mergeEnds('covered')
      return { kind: 'done', value: 'covered' }
    }
    const outcome = await tracer.span('merge', { sweep }, async (tell) => {
      const made = await makeGeneration(submitted, ledgerOf(sweep), { ...ports, logger })
      tell({ outcome: made.kind, ...(made.kind === 'generation' && { complete: made.generation.complete }) })
      return made
    })
    if (outcome.kind === 'generation' && outcome.fresh) observer.published(outcome.generation)
    mergeEnds(outcome.kind === 'generation' && !outcome.fresh ? 'repeated' : outcome.kind)
    onTrouble(undefined)
    return { kind: 'done', value: outcome.kind }
  } catch (error) {
    mergeEnds('failed')
    logger.error({ err: error }, `the merge failed: ${messageOf(error)}`)
    // Deleted, or made up: nobody waits for it.
    if (isWindrowError(error, 'SWEEP_UNKNOWN')) return { kind: 'dead', message: `${error.code}: ${error.message}` }
    onTrouble(`The merge of ${sweep} failed: ${messageOf(error)}`)
    if (isWindrowError(error) && !error.transient) return { kind: 'dead', message: `${error.code}: ${error.message}` }
    return { kind: 'retry', delayMs: pauseMs }
  }
}

function readRequest(arrived: Parameters<typeof readMergeJob>[0], { logger }: MergerPorts): MergeJob | JobDisposition {
  try {
    return readMergeJob(arrived)
  } catch (error) {
    if (!isWindrowError(error, 'JOB_INVALID')) throw error
    logger.error({ err: error, job: arrived.id.slice(0, 200) }, 'refused a request for a merge')
    return { kind: 'dead', message: `${error.code}: ${error.message}` }
  }
}

/** Several ask for the same merge: the last worker to settle, and every producer until it is there. */
async function isCovered(ledger: Ledger, revision: number): Promise<boolean> {
  const summary = await ledger.summary()
  return summary !== undefined && summary.mergedRevision >= summary.revision && revision <= summary.mergedRevision
}
