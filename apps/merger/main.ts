import { hostname } from 'node:os'
import { join } from 'node:path'
import { tellOutage } from '@windrow/common/ledger/outages.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { wakeProducers } from '@windrow/common/ledger/wake.ts'
import { createMergerMetrics } from '@windrow/common/metrics/merger-metrics.ts'
import { observeOutages } from '@windrow/common/metrics/outage-metrics.ts'
import { runService, type Service } from '@windrow/common/processes/service.ts'
import { openBullmqConsumer } from '@windrow/common/queue/bullmq-consumer.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { openTracing } from '@windrow/common/tracing/open-tracing.ts'
import { answerMergeRequest } from './answer-merge-request.ts'
import type { MergerPorts } from './make-generation.ts'

const flags = { scratch: 'text' } as const
const lockMs = 60_000

/** The merger: answers requests for merges, one at a time. */
process.exitCode = await runService(
  {
    name: 'merger',
    flags,
    host: {
      args: process.argv.slice(2),
      environment: process.env,
      stdin: process.stdin,
      readable: process.stderr.isTTY === true,
    },
  },
  merge,
)
process.exit()

async function merge({ flags: given, logger, store, redis, shutdown, metrics }: Service<typeof flags>): Promise<void> {
  const reader = createSweepReader(store)
  const tracing = await openTracing({
    service: 'merger',
    environment: process.env,
    warn: (message) => logger.warn(message),
  })
  const ports: MergerPorts = {
    store,
    validator: createThreadValidator({ size: 1, timeoutMs: 60_000 }),
    clock: systemClock,
    logger,
    host: hostname(),
    merger: `${hostname()}-${process.pid}-${systemRandomness.id().slice(0, 4)}`,
    scratch: given.scratch ?? join('.windrow', 'scratch', `merger-${process.pid}`),
    wake: (sweep) => wakeProducers(redis, sweep),
  }
  const observer = createMergerMetrics(metrics)
  const noteOutage = observeOutages(metrics)
  const onTrouble = (reason: string | undefined) => {
    noteOutage('merge', reason)
    const onError = (error: unknown) => logger.warn({ err: error }, 'cannot tell of the failed merge')
    void tellOutage(redis, ports.merger, { reason, at: systemClock.now(), onError })
  }
  const consumer = openBullmqConsumer(redis, {
    queue: queueNames.merges,
    concurrency: 1,
    lockDurationMs: lockMs,
    telemetry: tracing.telemetry,
    onError: (error) => logger.error({ err: error }, `the queue: ${error.message}`),
    onLocksLost: () => logger.warn('the lock of a merge could not be renewed; it may run twice, which does no harm'),
    process: (job, signal) =>
      answerMergeRequest(
        job,
        {
          reader,
          ledgerOf: (sweep) => openRedisLedger(redis, sweep),
          ports,
          tracer: tracing.tracer,
          onTrouble,
          observer,
        },
        signal,
      ),
  })
  await new Promise<void>((resolve) => {
    if (shutdown.aborted) resolve()
    shutdown.addEventListener('abort', () => resolve(), { once: true })
  })
  await consumer.drain()
  await ports.validator.close()
  await tracing.close()
}
