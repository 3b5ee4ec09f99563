import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import type { Redis } from 'ioredis'
import { makeGeneration } from '../apps/merger/make-generation.ts'
import { freshMemory, reconcile } from '../apps/producer/reconcile.ts'
import { type BenchProducer, benchProducer } from './fixtures/producer.ts'
import { submittedStudy } from './fixtures/submitted-study.ts'
import { benchWorker, workerPhases } from './fixtures/worker.ts'
import { evaluationMs } from './instant-optimizer/evaluation-ms.ts'
import { optimizeInstantly } from './instant-optimizer/outcomes.ts'
import { onFreshRedis } from './redis/bench-redis.ts'
import { redisCost } from './redis/redis-cost.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { createPhases, timed } from './running/phases.ts'
import { watchProcesses } from './running/process-memory.ts'
import { medianTable, withRange } from './running/table.ts'

const configurations = ['farm.pick=[0, 1, 2]', 'type.pick=[0]', 'ss_seed=0..999']
const slots = 2

/** Verified results a second of a whole sweep whose optimizer takes no time, and where the time goes. */
export const sweepBench: Bench = {
  title: 'A sweep of 3,000 configurations of 100 turbines, two slots, file store, an optimizer that takes no time',
  measure,
  render,
}

type Study = Awaited<ReturnType<typeof submittedStudy>>

async function measure({ folder }: BenchPlace): Promise<Figures> {
  const study = await submittedStudy(folder, configurations)
  const { plan } = study.submitted
  const evaluation = evaluationMs(plan, await optimizeInstantly(plan, join(folder, 'outcomes.json')), 100)
  const memory = watchProcesses()
  const figures = await onFreshRedis(folder, (redis) => runSweep(redis, study, folder))
  // No sweep can be faster than its cores evaluate the AEP of its layouts again.
  const ceiling = (1000 * slots) / evaluation
  return {
    ...figures,
    ...memory.stop(),
    'evaluation ms': evaluation,
    'evaluations per s': ceiling,
    'ceiling ratio': figures['results per s']! / ceiling,
  }
}

async function runSweep(redis: Redis, study: Study, folder: string): Promise<Figures> {
  const { store, submitted } = study
  const { total } = submitted.plan
  const producer = benchProducer(redis, submitted.plan, store)
  const redisBefore = await redisCost(redis)
  const start = performance.now()
  await reconcile(producer.sweep, producer.ports, freshMemory())
  const enqueued = performance.now()
  const work = await processAll(redis, study, folder)
  const processed = performance.now()
  const merge = await mergeAll(producer, study, folder)
  const end = performance.now()
  const redisAfter = await redisCost(redis)
  await producer.close()
  const seconds = (end - start) / 1000
  const share = (ms: number) => (100 * ms) / (end - start)
  return {
    'results per s': total / seconds,
    seconds,
    'enqueue %': share(enqueued - start),
    'process %': share(processed - enqueued),
    'merge %': share(end - processed),
    'process per s': (1000 * total) / (processed - enqueued),
    'merge per s': (1000 * total) / (end - processed),
    'redis cpu %': (100 * (redisAfter.cpuUs - redisBefore.cpuUs)) / (seconds * 1e6),
    ...work,
    ...merge,
  }
}

/** Every configuration through the worker's steps; shares are of the slots' time. */
async function processAll(redis: Redis, { store, submitted }: Study, folder: string): Promise<Figures> {
  const { plan } = submitted
  const phases = createPhases()
  const { promise: done, resolve: allEnded } = Promise.withResolvers<void>()
  let ended = 0
  const worker = benchWorker({
    ...{ redis, store, sweep: plan.sweep, slots, folder, phases },
    onStart: () => undefined,
    onEnd: () => {
      if (++ended === plan.total) allEnded()
    },
  })
  const start = performance.now()
  const cpu = process.cpuUsage()
  worker.start()
  await done
  const slotMs = slots * (performance.now() - start)
  const { user, system } = process.cpuUsage(cpu)
  await worker.close()
  const taken = phases.take()
  const accounted = workerPhases.map((phase) => taken.get(phase) ?? 0)
  const rest = slotMs - accounted.reduce((sum, ms) => sum + ms, 0)
  return {
    ...Object.fromEntries(workerPhases.map((phase, i) => [`${phase} %`, (100 * accounted[i]!) / slotMs])),
    'queue and rest %': (100 * rest) / slotMs,
    'worker busy cores': (user + system) / 1000 / (slotMs / slots),
  }
}

/** What the merger does, by the calls it makes of store and validator. */
async function mergeAll(
  { sweep: { ledger } }: BenchProducer,
  { store, submitted }: Study,
  folder: string,
): Promise<Figures> {
  const marks = new Map<string, number>()
  const marking = createPhases()
  const mark = (name: string) => void marks.set(name, performance.now())
  const watchedStore = timed(store, marking, (method) => {
    if (method === 'createFromFile') mark('publish')
    return undefined
  })
  const validator = createThreadValidator({ size: 1, timeoutMs: 60_000 })
  const watchedValidator = timed(validator, { ...marking, add: () => mark('read') }, (method) => method)
  const scratch = join(folder, 'scratch')
  await mkdir(scratch, { recursive: true })
  const start = performance.now()
  const outcome = await makeGeneration(submitted, ledger, {
    store: watchedStore,
    validator: watchedValidator,
    clock: systemClock,
    logger: silentLogger(),
    host: 'bench',
    merger: 'bench',
    scratch,
    wake: async () => undefined,
  })
  const end = performance.now()
  await validator.close()
  if (outcome.kind !== 'generation' || !outcome.generation.complete) throw new Error('the merge is not complete')
  const read = marks.get('read')!
  const publish = marks.get('publish')!
  const share = (ms: number) => (100 * ms) / (end - start)
  return {
    'merge: read, validate, write %': share(read - start),
    'merge: index, certificate, verify %': share(publish - read),
    'merge: publish %': share(end - publish),
    'merge seconds': (end - start) / 1000,
  }
}

function render(medians: Medians): string {
  const named = (names: readonly string[]) => names.map((name) => ({ what: name.replace(/ %$/, ''), cells: [name] }))
  const stages = medianTable(['share of the whole', '%'], named(['enqueue %', 'process %', 'merge %']), medians)
  const steps = medianTable(
    ['share of the slots while processing', '%'],
    named([...workerPhases, 'queue and rest'].map((phase) => `${phase} %`)),
    medians,
  )
  const merge = medianTable(
    ['share of the merge', '%'],
    named(['merge: read, validate, write %', 'merge: index, certificate, verify %', 'merge: publish %']),
    medians,
  )
  const memory = medianTable(
    ['peak memory', 'MiB'],
    [
      { what: 'worker and merger in one process', cells: ['own peak MiB'] },
      { what: 'all processes, Redis included', cells: ['all peak MiB'] },
    ],
    medians,
  )
  const speed = `${withRange('results per s', medians)} verified results a second, ${withRange('seconds', medians)} s in all`
  const peer = `evaluating their AEP alone, ${withRange('evaluation ms', medians)} ms each on ${slots} idle cores: ${withRange('evaluations per s', medians)}/s, ratio ${withRange('ceiling ratio', medians)}`
  const parts = `processing ${withRange('process per s', medians)}/s, merging ${withRange('merge per s', medians)}/s`
  const busy = `worker busy ${withRange('worker busy cores', medians)} cores beside its children, Redis ${withRange('redis cpu %', medians)} % of one`
  return `${speed}\n${peer}\n${parts}; ${busy}\n\n${stages}\n${steps}\n${merge}\n${memory}`
}
