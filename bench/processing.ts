import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { createMemoryLedger } from '@windrow/common/ledger/memory-ledger.ts'
import { packCell } from '@windrow/common/ledger/states.ts'
import { createMetrics } from '@windrow/common/metrics/metrics.ts'
import { createWorkerMetrics } from '@windrow/common/metrics/worker-metrics.ts'
import { openBullmqConsumer } from '@windrow/common/queue/bullmq-consumer.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import type { ConsumedJob } from '@windrow/common/queue/queue.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { untraced } from '@windrow/common/tracing/tracer.ts'
import { type Job, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { freshMemory } from '../apps/producer/reconcile.ts'
import { topUp } from '../apps/producer/top-up.ts'
import type { AttemptRunner } from '../apps/worker/attempts/runner.ts'
import { createMemorySpool } from '../apps/worker/spooling/memory-spool.ts'
import { createOutageGate } from '../apps/worker/steps/outage-gate.ts'
import { runConfiguration } from '../apps/worker/steps/run-configuration.ts'
import { createRunningSet } from '../apps/worker/steps/running-set.ts'
import { addBare } from './fixtures/bare-jobs.ts'
import { type BenchProducer, benchProducer, report } from './fixtures/producer.ts'
import { studyPlan } from './fixtures/study.ts'
import { onFreshRedis } from './redis/bench-redis.ts'
import { type RedisCost, redisCost, scriptUs } from './redis/redis-cost.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { medianTable, verdictOn } from './running/table.ts'

const jobs = 20_000
const concurrency = 50
const lockDurationMs = 120_000

/** What a job costs Redis, its way through the ledger included; beside a bare BullMQ worker that does nothing. */
export const processingBench: Bench = {
  title: `Processing ${jobs.toLocaleString('en')} jobs, ${concurrency} at once, with nothing to compute or to store`,
  measure,
  render,
}

async function measure({ folder, run }: BenchPlace): Promise<Figures> {
  const plan = await studyPlan(['type.pick=[0, 1, 2, 3, 4]', 'ss_seed=0..399'])
  if (plan.total !== jobs) throw new Error(`the plan has ${plan.total} configurations`)
  const few = await studyPlan(['type.pick=[0]', 'ss_seed=0..199'])
  const windrow = (some = plan) => onFreshRedis(folder, (redis) => processByWindrow(redis, some))
  const bare = (some = plan) => onFreshRedis(folder, (redis) => processBare(redis, some))
  const spinning = (spinUs: number, some = plan) => onFreshRedis(folder, (redis) => processPaced(redis, some, spinUs))
  // Whoever goes first would pay for compiling what all use.
  for (const process of [windrow, bare, (some: SweepPlan) => spinning(0, some)]) await process(few)
  const spinUs = await spinAtPace(windrow, spinning)
  const paced = () => spinning(spinUs)
  const inTurn = run % 2 === 0 ? [windrow, bare, paced] : [paced, bare, windrow]
  let figures: Figures = {}
  for (const process of inTurn) figures = { ...figures, ...(await process()) }
  return { ...figures, ...ratiosTo('bare', figures), ...ratiosTo('paced', figures) }
}

const mostTries = 5
const nearEnough = 0.03

/** How long the paced worker must spin after a job to take as long for it as Windrow: without the ledger it waits for less. */
async function spinAtPace(
  windrow: () => Promise<Figures>,
  spinning: (spinUs: number) => Promise<Figures>,
): Promise<number> {
  const usOf = (figures: Figures, who: string) => 1e6 / figures[`${who} jobs per s`]!
  const wantedUs = usOf(await windrow(), 'windrow')
  let spinUs = 0
  for (let tries = 0; tries < mostTries; tries++) {
    const shortUs = wantedUs - usOf(await spinning(spinUs), 'paced')
    if (Math.abs(shortUs) < nearEnough * wantedUs) break
    spinUs = Math.max(0, spinUs + shortUs)
  }
  return spinUs
}

const costs = ['add us', 'process us', 'whole us', 'script us', 'jobs per s']

function ratiosTo(peer: string, figures: Figures): Figures {
  return Object.fromEntries(
    costs.map((cost) => [`${cost} ratio to ${peer}`, figures[`windrow ${cost}`]! / figures[`${peer} ${cost}`]!]),
  )
}
async function processByWindrow(redis: Redis, plan: SweepPlan): Promise<Figures> {
  const producer = benchProducer(redis, plan, createMemoryStore())
  const { sweep, ports } = producer
  await sweep.ledger.create(newLedger(plan))
  const figures = await costOf(redis, {
    who: 'windrow',
    queue: queueNames.sweep(plan.sweep),
    add: () => topUp(sweep, ports, freshMemory()),
    consume: async () => {
      const consumer = openBullmqConsumer(redis, {
        ...consumerOptions(plan),
        process: processorOf(producer, sweep.ledger),
      })
      return () => consumer.drain()
    },
  })
  const summary = await sweep.ledger.summary()
  if (summary?.counts.committed !== plan.total) throw new Error('not every configuration is committed')
  await producer.close()
  return figures
}

const newLedger = ({ total }: SweepPlan) => ({
  manifest: 0,
  cells: new Uint8Array(total).fill(packCell('pending', 0)),
  epochs: new Map<number, number>(),
  instance: systemRandomness.id(),
})

const consumerOptions = ({ sweep }: SweepPlan) => ({
  queue: queueNames.sweep(sweep),
  concurrency,
  lockDurationMs,
  onError: report,
  onLocksLost: (lost: readonly string[]) => console.error(`locks were lost: ${lost.join(', ')}`),
})

/** The worker's steps with everything at hand at once but Redis. */
function processorOf({ sweep: { plan, policy }, ports: { store, merges, ...rest } }: BenchProducer, ledger: Ledger) {
  const ports = {
    ...rest,
    sweepOf: async () => ({ plan, policy, ledger }),
    store,
    merges,
    wake: async () => undefined,
    validator: contentValidator,
    runner: idleRunner,
    spool: createMemorySpool(),
    gate: createOutageGate(() => undefined),
    observer: createWorkerMetrics(createMetrics(rest.logger), { slots: concurrency, spooled: async () => 0 }).attempts,
    tracer: untraced,
    host: 'bench',
    worker: 'bench/1',
    running: createRunningSet(),
  }
  return (job: ConsumedJob, signal: AbortSignal) => runConfiguration({ ...job, sweep: plan.sweep }, ports, signal)
}

const nothing = new Uint8Array()
const idleRunner: AttemptRunner = {
  run: async () => ({ kind: 'output', bytes: nothing, log: nothing }),
  close: async () => undefined,
}
const contentValidator: Validator = {
  validate: async () => ({
    ok: true,
    contents: { key: '', attributes: {}, datasets: {}, configurationDigest: '' },
    contentSha256: '',
  }),
  close: async () => undefined,
}

/** The same jobs through BullMQ by itself, with nothing to do. */
async function processBare(redis: Redis, plan: SweepPlan): Promise<Figures> {
  return await processByBullmq(redis, plan, { who: 'bare', processor: async () => null })
}

/**
 * The same jobs through BullMQ at Windrow's pace: the same steps on a ledger in memory, then `spinUs` of nothing. The faster
 * its jobs come, the less Redis spends on each, because it finds several commands at once whenever it looks and its
 * caches stay warm; what is left between this and Windrow is what the ledger costs.
 */
async function processPaced(redis: Redis, plan: SweepPlan, spinUs: number): Promise<Figures> {
  const producer = benchProducer(redis, plan, createMemoryStore())
  const ledger = createMemoryLedger(plan.sweep)
  await ledger.create(newLedger(plan))
  const process = processorOf(producer, ledger)
  const stop = new AbortController().signal
  const processor = async ({ id = '', name, data }: Job) => {
    const disposition = await process({ id, name, data, redelivered: false }, stop)
    spin(spinUs)
    return disposition
  }
  const figures = await processByBullmq(redis, plan, { who: 'paced', processor })
  await producer.close()
  return figures
}

function spin(us: number): void {
  const end = performance.now() + us / 1000
  while (performance.now() < end);
}

async function processByBullmq(
  redis: Redis,
  plan: SweepPlan,
  { who, processor }: { who: string; processor: (job: Job) => Promise<unknown> },
): Promise<Figures> {
  const queue = new Queue('bare', { connection: redis })
  const figures = await costOf(redis, {
    who,
    queue: queue.name,
    add: () => addBare(queue, plan),
    consume: async () => {
      const connection = redis.duplicate()
      const worker = new Worker(queue.name, processor, { ...workerOptions, connection })
      worker.on('error', report)
      return async () => {
        await worker.close()
        connection.disconnect()
      }
    },
  })
  await queue.close()
  return figures
}

/** What Windrow's consumer tells its own. */
const workerOptions = {
  concurrency,
  lockDuration: lockDurationMs,
  stalledInterval: 30_000,
  maxStalledCount: Number.MAX_SAFE_INTEGER,
  removeOnComplete: { count: 1_000 },
}

interface Processing {
  readonly who: string
  readonly queue: string
  readonly add: () => Promise<void>
  /** Starts to consume; returns how to end it. */
  readonly consume: () => Promise<() => Promise<void>>
}

/** What Redis spends on a job while all are added, and while all are processed. */
async function costOf(redis: Redis, { who, queue, add, consume }: Processing): Promise<Figures> {
  const atFirst = await redisCost(redis)
  await add()
  const added = await redisCost(redis)
  const start = performance.now()
  const end = await consume()
  await emptied(redis, queue)
  const seconds = (performance.now() - start) / 1000
  const processed = await redisCost(redis)
  await end()
  const spent = (before: RedisCost, after: RedisCost) => (after.cpuUs - before.cpuUs) / jobs
  return {
    [`${who} jobs per s`]: jobs / seconds,
    [`${who} add us`]: spent(atFirst, added),
    [`${who} process us`]: spent(added, processed),
    [`${who} whole us`]: spent(atFirst, processed),
    [`${who} script us`]: scriptUs(added, processed) / jobs,
  }
}

async function emptied(redis: Redis, queue: string): Promise<void> {
  const key = (list: string) => `bull:${queue}:${list}`
  while ((await redis.llen(key('wait'))) + (await redis.llen(key('active'))) > 0) await systemClock.sleep(20)
}

function render(medians: Medians): string {
  const table = medianTable(
    ['Redis CPU, µs a job', 'adding', 'processing', 'both', 'processing: in scripts', 'jobs/s'],
    [
      { what: 'Windrow', cells: costs.map((cost) => `windrow ${cost}`) },
      { what: 'BullMQ, nothing to do', cells: costs.map((cost) => `bare ${cost}`) },
      { what: 'ratio', cells: costs.map((cost) => `${cost} ratio to bare`) },
      { what: "BullMQ at Windrow's pace", cells: costs.map((cost) => `paced ${cost}`) },
      { what: 'ratio', cells: costs.map((cost) => `${cost} ratio to paced`) },
    ],
    medians,
  )
  const against = (peer: string) => verdictOn(`whole us ratio to ${peer}`, { atMost: 1.25 }, medians)
  const pace = medians['jobs per s ratio to paced']?.median ?? Number.NaN
  const isOnePace = pace >= 1 / samePace && pace <= samePace
  const atOnePace = isOnePace
    ? against('paced')
    : 'not told: the peer did not keep the pace, and a slower one costs more'
  return `${table}both, to the idle one: ${against('bare')}; at one pace: ${atOnePace}\n`
}

/** So far apart two paces are still taken for one. */
const samePace = 1.1
