import { hostname } from 'node:os'
import { createActionReader } from '@windrow/common/accounting/actions.ts'
import { tellOutage } from '@windrow/common/ledger/outages.ts'
import { recordPass } from '@windrow/common/ledger/passes.ts'
import { openRedisActiveSweeps } from '@windrow/common/ledger/redis-active-sweeps.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { listenForWakes } from '@windrow/common/ledger/wake.ts'
import { observeOutages } from '@windrow/common/metrics/outage-metrics.ts'
import { type ObservedSweep, observeSweeps } from '@windrow/common/metrics/sweep-metrics.ts'
import { countFlag, durationFlag, runService, type Service } from '@windrow/common/processes/service.ts'
import { openBullmqMerges } from '@windrow/common/queue/bullmq-merges.ts'
import { openBullmqQueue } from '@windrow/common/queue/bullmq-queue.ts'
import type { ConfigurationQueue, MergeRequests } from '@windrow/common/queue/queue.ts'
import { connectRedis } from '@windrow/common/redis/connection.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { openTracing, type Tracing } from '@windrow/common/tracing/open-tracing.ts'
import { readSubmissionTrace } from '@windrow/common/tracing/submission-trace.ts'
import type { Redis } from 'ioredis'
import { keepSweeps } from './keep-sweeps.ts'
import { traceMerges, traceQueue } from './traced-queue.ts'
import { createWakeablePause } from './wakeable-pause.ts'

const flags = { sweep: 'text', every: 'text', beat: 'text', 'max-open-jobs': 'text', alone: 'switch' } as const

/** The producer: keeps every sweep's queue equal to its manifest, and asks for merges. */
process.exitCode = await runService(
  {
    name: 'producer',
    flags,
    host: {
      args: process.argv.slice(2),
      environment: process.env,
      stdin: process.stdin,
      readable: process.stderr.isTTY === true,
    },
  },
  produce,
)
process.exit()

async function produce({
  flags: given,
  logger,
  store,
  redis,
  redisUrl,
  shutdown,
  metrics,
}: Service<typeof flags>): Promise<void> {
  const reader = createSweepReader(store)
  const tracing = await openTracing({
    service: 'producer',
    environment: process.env,
    warn: (message) => logger.warn(message),
  })
  const onError = (error: Error) => logger.error({ err: error }, `the queue: ${error.message}`)
  const queues = openQueues(redis, { tracing, onError })
  const kept = new Map<string, ObservedSweep>()
  observeSweeps(metrics, () => kept.values())
  const noteOutage = observeOutages(metrics)
  const tell = (sweep: string, reason: string | undefined) => {
    noteOutage(sweep, reason)
    const failed = (error: unknown) => logger.warn({ err: error, sweep }, 'cannot tell of the failed pass')
    return tellOutage(redis, `producer/${hostname()}/${process.pid}/${sweep}`, {
      reason,
      at: systemClock.now(),
      onError: failed,
    })
  }
  const subscriber = connectRedis(redisUrl)
  const pause = createWakeablePause(systemClock, shutdown)
  try {
    listenForWakes(subscriber, {
      onWake: pause.wake,
      onReturn: pause.wakeAll,
      onError: (error) => logger.warn({ err: error }, 'cannot listen for wakes'),
    })
    await keepSweeps(
      {
        sweeps: given.sweep === undefined ? undefined : [given.sweep],
        everyMs: durationFlag('every', given.every, 30_000),
        openSweep: async (name) => {
          const submitted = await reader.readNewest(name)
          const sweep = { ...submitted, ledger: openRedisLedger(redis, name), queue: queues.of(name) }
          kept.set(name, sweep)
          return sweep
        },
        onPass: async (sweep, newestAction) => {
          await recordPass(redis, sweep, newestAction)
          await tell(sweep, undefined)
        },
        onFailure: tell,
        // No sweep has this name.
        onListing: (reason) => tell('', reason),
        pause: pause.pause,
      },
      {
        store,
        readActions: createActionReader(store).read,
        merges: queues.merges,
        active: openRedisActiveSweeps(redis),
        clock: systemClock,
        randomness: systemRandomness,
        logger,
        beatMs: durationFlag('beat', given.beat, 15_000),
        maxOpenJobs: countFlag('max-open-jobs', given['max-open-jobs'], 100_000),
        alone: given.alone === true,
      },
      shutdown,
    )
  } finally {
    subscriber.disconnect()
    await queues.close()
    await tracing.close()
  }
}

interface Queues {
  readonly of: (sweep: string) => ConfigurationQueue
  readonly merges: MergeRequests
  readonly close: () => Promise<unknown>
}

/** The queue of every sweep it is asked for, and that of merges; what is added to them is traced when anything is. */
function openQueues(redis: Redis, { tracing, onError }: { tracing: Tracing; onError: (error: Error) => void }): Queues {
  const { tracer, telemetry } = tracing
  const options = { onError, telemetry }
  const traces = telemetry && { tracer, submissionOf: (sweep: string) => readSubmissionTrace(redis, sweep) }
  const opened = new Map<string, ConfigurationQueue>()
  const open = (sweep: string) => {
    const queue = openBullmqQueue(redis, sweep, options)
    return traces ? traceQueue(queue, sweep, traces) : queue
  }
  const merges = openBullmqMerges(redis, options)
  return {
    of: (sweep) => {
      const queue = opened.get(sweep) ?? open(sweep)
      opened.set(sweep, queue)
      return queue
    },
    merges: traces ? traceMerges(merges, traces) : merges,
    close: () => Promise.all([merges.close(), ...[...opened.values()].map((queue) => queue.close())]),
  }
}
