import { availableParallelism, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { ActiveSweep } from '@windrow/common/ledger/active-sweeps.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { createOutageWord, type OutageWord } from '@windrow/common/ledger/outages.ts'
import { openRedisActiveSweeps } from '@windrow/common/ledger/redis-active-sweeps.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { wakeProducers } from '@windrow/common/ledger/wake.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import { observeOutages } from '@windrow/common/metrics/outage-metrics.ts'
import { createWorkerMetrics } from '@windrow/common/metrics/worker-metrics.ts'
import { type OptimizerCommand, readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import { hostNameOf } from '@windrow/common/processes/host-name.ts'
import { countFlag, durationFlag, runService, type Service } from '@windrow/common/processes/service.ts'
import { openBullmqConsumer } from '@windrow/common/queue/bullmq-consumer.ts'
import { openBullmqMerges } from '@windrow/common/queue/bullmq-merges.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import { translateRedisError } from '@windrow/common/redis/redis-health.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { builtInOptimizers } from '@windrow/common/sweep/specification.ts'
import { createSweepReader, type SweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { openTracing, type Tracing } from '@windrow/common/tracing/open-tracing.ts'
import { createChildPool } from './attempts/child-pool.ts'
import { childEnvironment } from './child/child-environment.ts'
import { createWorkerEnd, endFlags } from './leaving/worker-end.ts'
import { createSetAsideWatch } from './slots/set-aside.ts'
import { createStuckWatch } from './slots/stuck.ts'
import { followSweeps } from './slots/subscriptions.ts'
import { tellSetAside, tellStuck } from './slots/tell-trouble.ts'
import { emptySpool } from './spooling/empty-spool.ts'
import { openFileSpool } from './spooling/file-spool.ts'
import type { Spool } from './spooling/spool.ts'
import { beat } from './steps/beat.ts'
import { createOutageGate } from './steps/outage-gate.ts'
import { DrainingError } from './steps/patience.ts'
import type { WorkerPorts } from './steps/ports.ts'
import { runConfiguration } from './steps/run-configuration.ts'
import { createRunningSet } from './steps/running-set.ts'

const flags = {
  sweep: 'text',
  concurrency: 'text',
  spool: 'text',
  scratch: 'text',
  optimizers: 'text',
  beat: 'text',
  'look-for-sweeps': 'text',
  'stuck-after': 'text',
  ...endFlags,
} as const

const hostName = hostNameOf(process.env, hostname())
const workerName = `${hostName}/${process.pid}`
const running = createRunningSet()
const end = createWorkerEnd(running)

/** The worker: takes jobs of the active sweeps, runs their optimizers in child processes, validates and commits. */
const status = await runService(
  {
    name: 'worker',
    flags,
    host: {
      args: process.argv.slice(2),
      environment: process.env,
      stdin: process.stdin,
      readable: process.stderr.isTTY === true,
    },
    onStart: end.begin,
  },
  work,
)
process.exitCode = end.statusOf(status)
// Sockets that BullMQ is still giving up must not hold a drained worker.
process.exit()

async function work(service: Service<typeof flags>): Promise<void> {
  const { flags: given, logger, redis, shutdown } = service
  const slots = countFlag('concurrency', given.concurrency, defaultSlots())
  // Commands start in folders of their own, and are told absolute paths.
  const scratch = resolve(given.scratch ?? join('.windrow', 'scratch', `worker-${process.pid}`))
  const commands = await readCommandOptimizers(given.optimizers)
  const tracing = await openTracing({
    service: 'worker',
    environment: process.env,
    warn: (message) => logger.warn(message),
  })
  const optimizers = new Set([...builtInOptimizers, ...commands.keys()])
  const isMine = ({ sweep, optimizer }: ActiveSweep) =>
    (given.sweep === undefined || sweep === given.sweep) && optimizers.has(optimizer)
  const reader = createSweepReader(service.store)
  const spool = openSpool(service)
  const measured = createWorkerMetrics(service.metrics, { slots, spooled: spool.depth })
  const words = { waits: wordOf(service, workerName), stuck: wordOf(service, `${workerName}/stuck`) }
  const ports = buildPorts(service, {
    ...{ slots, scratch, commands, reader, spool, tracing },
    observer: measured.attempts,
    waits: words.waits,
  })
  const gate = {
    get open() {
      return ports.gate.open && end.takesWork
    },
  }
  const everyMs = durationFlag('look-for-sweeps', given['look-for-sweeps'], 1_000)
  const watch = createStuckWatch({
    slots,
    afterMs: durationFlag('stuck-after', given['stuck-after'], 120_000),
    longestGapMs: 2 * everyMs,
    gate,
    clock: systemClock,
    onChange: (why) => tellStuck(why, service, { worker: workerName, word: words.stuck, setStuck: measured.setStuck }),
  })
  const ended = new AbortController()
  const beats = repeatBeats(ports, {
    everyMs: durationFlag('beat', given.beat, 15_000),
    words: Object.values(words),
    until: AbortSignal.any([shutdown, ended.signal]),
  })
  try {
    await emptySpool(ports, shutdown)
    await followSweeps(
      {
        slots,
        active: end.noting(openRedisActiveSweeps(redis), isMine),
        only: given.sweep,
        optimizers,
        gate,
        clock: systemClock,
        logger,
        everyMs,
        onLook: watch.look,
        setAsideIn: createSetAsideWatch({
          host: hostName,
          ledgerOf: (sweep) => openRedisLedger(redis, sweep),
          onChange: (sweeps) =>
            tellSetAside(sweeps, service, { host: hostName, setSweepsAside: measured.setSweepsAside }),
        }),
        openConsumer: async (sweep) => {
          // Since the last time it may have been deleted, and another submitted under its name.
          const { policy } = await reader.readNewest(sweep)
          return openBullmqConsumer(redis, {
            queue: queueNames.sweep(sweep),
            concurrency: 0,
            lockDurationMs: policy.lockMs,
            telemetry: tracing.telemetry,
            process: (job, signal) => {
              watch.began()
              return measured.inSlot(() => runConfiguration({ ...job, sweep }, { ...ports, running }, signal))
            },
            onError: (error) => sayOfQueue(error, logger.child({ sweep })),
            // The ledger knows whether somebody else runs them by now.
            onLocksLost: (jobs) => {
              logger.warn({ sweep, jobs }, 'locks could not be renewed')
              void beat(ports, running)
            },
          })
        },
      },
      shutdown,
    )
  } catch (error) {
    // The spool was being emptied when the worker was asked to drain: what is in it goes first the next time.
    if (!(error instanceof DrainingError)) throw error
  } finally {
    // A worker that failed ends, too: nobody has asked it to drain.
    ended.abort()
    await beats
    for (const word of Object.values(words)) await word.say(undefined)
    await Promise.all([ports.runner.close(), ports.validator.close(), ports.merges.close()])
    await end.lookBack(redis)
    await tracing.close()
  }
}

function openSpool({ flags: given, logger }: Service<typeof flags>): Spool {
  return openFileSpool({
    folder: given.spool ?? join('.windrow', 'spool'),
    onDamaged: (file, reason) =>
      logger.error({ file, reason }, 'a spooled result is damaged; its configuration runs again'),
  })
}

interface Equipment extends Pick<WorkerPorts, 'spool' | 'observer'> {
  readonly slots: number
  readonly scratch: string
  readonly commands: ReadonlyMap<string, OptimizerCommand>
  readonly reader: SweepReader
  readonly waits: OutageWord
  readonly tracing: Tracing
}

function buildPorts({ logger, store, redis, metrics }: Service<typeof flags>, equipment: Equipment): WorkerPorts {
  const { reader, spool, observer, waits, tracing } = equipment
  const noteOutage = observeOutages(metrics)
  const ledgers = new Map<string, Ledger>()
  const ledgerOf = (sweep: string) => {
    const ledger = ledgers.get(sweep) ?? openRedisLedger(redis, sweep)
    ledgers.set(sweep, ledger)
    return ledger
  }
  return {
    sweepOf: async (sweep, manifest) => {
      const { plan, policy } = await reader.read(sweep, manifest)
      return { plan, policy, ledger: ledgerOf(sweep) }
    },
    store,
    validator: createThreadValidator({ size: Math.min(2, equipment.slots), timeoutMs: 60_000 }),
    runner: createChildPool({
      size: equipment.slots,
      scratch: equipment.scratch,
      commands: equipment.commands,
      environment: childEnvironment(process.env),
      logger,
    }),
    spool,
    merges: openBullmqMerges(redis, {
      onError: (error) => sayOfQueue(error, logger),
      telemetry: tracing.telemetry,
    }),
    wake: async (sweep) => {
      try {
        await wakeProducers(redis, sweep)
      } catch (error) {
        logger.warn({ err: error, sweep }, 'cannot wake the producer')
      }
    },
    gate: createOutageGate(({ open, reason }) => {
      if (open) logger.info('the outage is over; taking work again')
      else logger.warn({ reason }, 'taking no new work until the outage is over')
      noteOutage('store', open ? undefined : reason)
      void waits.say(open ? undefined : reason)
    }),
    observer,
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    tracer: tracing.tracer,
    host: hostName,
    worker: workerName,
  }
}

/** That Redis is away is said once, by the connection of the service; every queue would say it again at every try. */
function sayOfQueue(error: Error, logger: Logger): void {
  const isOutage = translateRedisError(error)?.code === 'REDIS_UNAVAILABLE'
  logger[isOutage ? 'debug' : 'error']({ err: error }, `the queue: ${error.message}`)
}

interface BeatOptions {
  readonly everyMs: number
  /** Repeated, too: others forget them. */
  readonly words: readonly OutageWord[]
  readonly until: AbortSignal
}

/** Repeats to the ledgers what runs here, until the worker drains; stops attempts that somebody else holds. */
async function repeatBeats(ports: WorkerPorts, { everyMs, words, until }: BeatOptions): Promise<void> {
  while (!until.aborted) {
    await systemClock.sleep(everyMs, until)
    await beat(ports, running)
    for (const word of words) await word.repeat()
  }
}

/** Tells people who watch the sweep; the work itself does not depend on it. */
function wordOf({ redis, logger }: Service<typeof flags>, who: string): OutageWord {
  const onError = (error: unknown) => logger.warn({ err: error }, 'cannot tell of the outage')
  return createOutageWord(redis, who, { clock: systemClock, onError })
}

/** The cores this process may use; SLURM says how many of them are ours. */
function defaultSlots(): number {
  return Number(process.env.SLURM_CPUS_PER_TASK) || availableParallelism()
}
