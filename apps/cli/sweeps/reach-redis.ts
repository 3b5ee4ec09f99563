import { isWindrowError, type WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { currentOutages } from '@windrow/common/ledger/outages.ts'
import { forgetPasses } from '@windrow/common/ledger/passes.ts'
import { openRedisActiveSweeps } from '@windrow/common/ledger/redis-active-sweeps.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { callProducers } from '@windrow/common/ledger/wake.ts'
import type { MergeJob } from '@windrow/common/queue/jobs.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import { checkRedis, type RedisFinding } from '@windrow/common/redis/redis-health.ts'
import { forgetSubmissionTrace, keepSubmissionTrace } from '@windrow/common/tracing/submission-trace.ts'
import type { Redis } from 'ioredis'

/** The Redis of a context, as far as it can be reached. */
export interface ReachedRedis {
  /** undefined when Redis does not run or does not answer. */
  readonly ledgerOf: ((sweep: string) => Ledger) | undefined
  /** What services on it wait for at a time (ms since the epoch), or cannot go on with. */
  readonly outages: ((now: number) => Promise<string[]>) | undefined
  /**
   * Tells the producers that there is something to do (of the trace named), and answers how many heard it; undefined
   * without a Redis.
   */
  readonly wake: ((sweep: string, trace?: string) => Promise<number>) | undefined
  /** Asks the mergers for a merge; undefined without a Redis. */
  readonly askForMerge: ((request: MergeJob) => Promise<void>) | undefined
  /** Takes away all that it holds of a sweep: ledger, queue, what workers and waiters look at. */
  readonly forget: ((sweep: string) => Promise<void>) | undefined
  /** What is wrong with its settings. */
  readonly findings: readonly RedisFinding[]
  /** Why there is none, for people. */
  readonly why: string | undefined
  /** Redis should answer, but does not: worth a warning. */
  readonly failed: boolean
  close(): void
}

/** A server that runs answers in milliseconds; one that does not must not keep anybody waiting. */
const patienceMs = 2_000

/** Reaches the Redis at `url`; read-only commands go on without it, and say so. Throws USAGE for a URL that is none. */
export async function reachRedis(url: string | undefined): Promise<ReachedRedis> {
  if (url === undefined) {
    return unreached('no Redis is running', false)
  }
  const redis = connectRedis(url)
  let findings: RedisFinding[]
  try {
    await awaitRedis(redis, patienceMs)
    findings = await checkRedis(redis)
  } catch (error) {
    redis.disconnect()
    if (!isWindrowError(error)) throw error
    return unreached(sentences(error), true)
  }
  return {
    findings,
    ledgerOf: (sweep) => openRedisLedger(redis, sweep),
    outages: (now) => currentOutages(redis, now),
    wake: async (sweep, trace) => {
      await keepSubmissionTrace(redis, sweep, trace)
      return await callProducers(redis, sweep)
    },
    askForMerge: (request) => askForMerge(redis, request),
    forget: (sweep) => forgetSweep(redis, sweep),
    why: undefined,
    failed: false,
    close: () => redis.disconnect(),
  }
}

/** Why it is not reached; and what to do, unless it passes by itself. */
function sentences({ message, next, transient }: WindrowError): string {
  const sentence = message.endsWith('.') ? message : `${message}.`
  return transient ? sentence : `${sentence} ${next}`
}

function unreached(why: string, failed: boolean): ReachedRedis {
  return {
    ledgerOf: undefined,
    outages: undefined,
    wake: undefined,
    askForMerge: undefined,
    forget: undefined,
    findings: [],
    why,
    failed,
    close: () => undefined,
  }
}

// BullMQ is a third of what a command would load: only the two that need it do.

async function askForMerge(redis: Redis, request: MergeJob): Promise<void> {
  const { openBullmqMerges } = await import('@windrow/common/queue/bullmq-merges.ts')
  const merges = openBullmqMerges(redis, { onError: () => undefined })
  try {
    await merges.ask(request)
  } finally {
    await merges.close()
  }
}

/** The ledger goes last: a worker that begins a job without one is told to wait. */
async function forgetSweep(redis: Redis, sweep: string): Promise<void> {
  const { openBullmqQueue } = await import('@windrow/common/queue/bullmq-queue.ts')
  const queue = openBullmqQueue(redis, sweep, { onError: () => undefined })
  try {
    await queue.remove()
  } finally {
    await queue.close()
  }
  await openRedisActiveSweeps(redis).remove(sweep)
  await forgetPasses(redis, sweep)
  await forgetSubmissionTrace(redis, sweep)
  await openRedisLedger(redis, sweep).remove()
}
