import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { packCell } from '@windrow/common/ledger/states.ts'
import type { ConfigurationQueue } from '@windrow/common/queue/queue.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { freshMemory } from '../apps/producer/reconcile.ts'
import { topUp } from '../apps/producer/top-up.ts'
import { addBare } from './fixtures/bare-jobs.ts'
import { benchProducer } from './fixtures/producer.ts'
import { studyPlan } from './fixtures/study.ts'
import { onFreshRedis } from './redis/bench-redis.ts'
import { redisCost } from './redis/redis-cost.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { medianTable, verdictOn, withRange } from './running/table.ts'

const configurations = 200_000
const sampleEvery = 50_000
const samples = [0, 1, 2, 3, 4].map((n) => n * sampleEvery)

/** How fast the producer enqueues, and whether its memory stays flat; beside bare BullMQ adding the same jobs. */
export const enqueueBench: Bench = {
  title: `Enqueueing ${configurations.toLocaleString('en')} configurations`,
  measure,
  render,
}

async function measure({ folder, run }: BenchPlace): Promise<Figures> {
  const plan = await studyPlan(['type.pick=[0, 1, 2, 3, 4]', 'ss_seed=0..3999'])
  if (plan.total !== configurations) throw new Error(`the plan has ${plan.total} configurations`)
  const windrow = (some = plan) => onFreshRedis(folder, (redis) => enqueueByProducer(redis, some))
  const bare = (some = plan) => onFreshRedis(folder, (redis) => enqueueBare(redis, some))
  // Whoever goes first would pay for compiling what both use.
  const few = await studyPlan(['type.pick=[0]', 'ss_seed=0..999'])
  await bare(few)
  await windrow(few)
  const [first, second] = run % 2 === 0 ? [windrow, bare] : [bare, windrow]
  const figures = { ...(await first()), ...(await second()) } as Record<string, number>
  return {
    ...figures,
    'rate ratio': figures['windrow per s']! / figures['bare per s']!,
    'cpu ratio': figures['windrow redis us']! / figures['bare redis us']!,
  }
}

async function enqueueByProducer(redis: Redis, plan: SweepPlan): Promise<Figures> {
  const { sweep, ports, close } = benchProducer(redis, plan, createMemoryStore())
  const cells = new Uint8Array(plan.total).fill(packCell('pending', 0))
  await sweep.ledger.create({ manifest: 0, cells, epochs: new Map(), instance: systemRandomness.id() })
  const memory = watchMemory()
  const before = await redisCost(redis)
  const start = performance.now()
  await topUp({ ...sweep, queue: memory.watched(sweep.queue) }, ports, freshMemory())
  const seconds = (performance.now() - start - memory.pausedMs()) / 1000
  const after = await redisCost(redis)
  const { waiting } = await sweep.queue.counts()
  if (waiting !== plan.total) throw new Error(`${waiting} of ${plan.total} jobs are in the queue`)
  await close()
  return {
    'windrow per s': plan.total / seconds,
    'windrow redis us': (after.cpuUs - before.cpuUs) / plan.total,
    'redis bytes a job': (after.memoryBytes - before.memoryBytes) / plan.total,
    ...memory.figures(),
  }
}

/** What BullMQ costs by itself. */
async function enqueueBare(redis: Redis, plan: SweepPlan): Promise<Figures> {
  const queue = new Queue('bare', { connection: redis })
  const before = await redisCost(redis)
  const start = performance.now()
  await addBare(queue, plan)
  const seconds = (performance.now() - start) / 1000
  const after = await redisCost(redis)
  await queue.close()
  return { 'bare per s': plan.total / seconds, 'bare redis us': (after.cpuUs - before.cpuUs) / plan.total }
}

interface MemoryWatch {
  /** The queue, looked at whenever another `sampleEvery` jobs have gone in. */
  watched(queue: ConfigurationQueue): Pick<ConfigurationQueue, keyof ConfigurationQueue>
  /** Time spent looking. */
  pausedMs(): number
  figures(): Figures
}

/** Heap in use after a garbage collection, and resident memory, MiB. */
function watchMemory(): MemoryWatch {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const figures: Record<string, number> = {}
  let added = 0
  let paused = 0
  const look = () => {
    const start = performance.now()
    const rss = process.memoryUsage().rss
    collectGarbage()
    figures[`heap MiB at ${added}`] = process.memoryUsage().heapUsed / 2 ** 20
    figures[`rss MiB at ${added}`] = rss / 2 ** 20
    paused += performance.now() - start
  }
  look()
  paused = 0
  return {
    watched: (queue) => ({
      counts: () => queue.counts(),
      withoutOpenJob: (keys) => queue.withoutOpenJob(keys),
      ensure: (jobs, priority) => queue.ensure(jobs, priority),
      setPaused: (paused) => queue.setPaused(paused),
      isPaused: () => queue.isPaused(),
      remove: () => queue.remove(),
      close: () => queue.close(),
      async add(jobs, priority) {
        await queue.add(jobs, priority)
        added += jobs.length
        if (added % sampleEvery === 0) look()
      },
    }),
    pausedMs: () => paused,
    figures: () => figures,
  }
}

function render(medians: Medians): string {
  const speed = medianTable(
    ['', 'configurations/s', 'Redis CPU, µs each'],
    [
      { what: 'Windrow, producer', cells: ['windrow per s', 'windrow redis us'] },
      { what: 'BullMQ, addBulk', cells: ['bare per s', 'bare redis us'] },
      { what: 'ratio', cells: ['rate ratio', 'cpu ratio'] },
    ],
    medians,
  )
  const memory = medianTable(
    ['producer after', ...samples.map((n) => n.toLocaleString('en'))],
    [
      { what: 'heap in use, MiB', cells: samples.map((n) => `heap MiB at ${n}`) },
      { what: 'resident, MiB', cells: samples.map((n) => `rss MiB at ${n}`) },
    ],
    medians,
  )
  const goal = verdictOn('windrow per s', { atLeast: 10_000 }, medians)
  return `${speed}${goal}; a job takes ${withRange('redis bytes a job', medians)} bytes of Redis\n\n${memory}`
}
