import { join } from 'node:path'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import type { Redis } from 'ioredis'
import { freshMemory, reconcile } from '../apps/producer/reconcile.ts'
import { benchProducer } from './fixtures/producer.ts'
import { submittedStudy } from './fixtures/submitted-study.ts'
import { benchWorker, workerPhases } from './fixtures/worker.ts'
import { probeFsync } from './fsync-probe.ts'
import { evaluationMs } from './instant-optimizer/evaluation-ms.ts'
import { optimizeInstantly } from './instant-optimizer/outcomes.ts'
import { onFreshRedis } from './redis/bench-redis.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { medianOf } from './running/medians.ts'
import { createPhases } from './running/phases.ts'
import { medianTable, verdictOn, withRange } from './running/table.ts'

/** The areas and turbine types of the quick start, with more seeds. */
const configurations = ['farm.pick=[0, 1, 2]', 'type.pick=[0, 5]', 'ss_seed=0..59']
/** So many go first, while children and threads start and code is compiled. */
const warmUp = 60
/** Turbines of the two types. */
const sizes = [66, 100]
const probes = 100
const resultBytes = 8_000

/** What a worker adds to the optimizer's own time, at the median over some hundreds of configurations, one at a time. */
export const workerOverheadBench: Bench = {
  title: 'Worker overhead: one slot, file store, results of 66 and 100 turbines, an optimizer that takes no time',
  measure,
  render,
}

interface Turn {
  readonly turbines: number
  /** From the start of this configuration to the start of the next, ms. */
  readonly wholeMs: number
  readonly phases: ReadonlyMap<string, number>
}

async function measure({ folder }: BenchPlace): Promise<Figures> {
  const { store, submitted } = await submittedStudy(folder, configurations)
  const outcomes = await optimizeInstantly(submitted.plan, join(folder, 'outcomes.json'))
  const probe = () => probeFsync(join(folder, 'probe'), { count: probes, bytes: resultBytes })
  const probedBefore = await probe()
  const turns = await onFreshRedis(folder, (redis) => run(redis, { folder, store, submitted }))
  const probeMs = medianOf([...probedBefore, ...(await probe())])
  const measured = turns.slice(warmUp)
  const figures: Record<string, number> = { 'fsync probe ms': probeMs, configurations: measured.length }
  Object.assign(figures, summary(measured, { of: 'all', probeMs }))
  for (const size of sizes) {
    const ofSize = measured.filter(({ turbines }) => turbines === size)
    const aepMs = evaluationMs(submitted.plan, outcomes, size)
    Object.assign(figures, summary(ofSize, { of: `${size}`, probeMs }), {
      [`aep ms ${size}`]: aepMs,
      [`less aep ms ${size}`]: medianOf(ofSize.map(({ wholeMs }) => wholeMs)) - aepMs,
    })
  }
  return figures
}

function summary(turns: readonly Turn[], { of, probeMs }: { of: string; probeMs: number }): Figures {
  const whole = turns.map(({ wholeMs }) => wholeMs)
  const parts = workerPhases.map((phase) => [
    `${phase} ms ${of}`,
    medianOf(turns.map(({ phases }) => phases.get(phase) ?? 0)),
  ])
  return {
    ...Object.fromEntries(parts),
    [`queue and rest ms ${of}`]: medianOf(turns.map(({ wholeMs, phases }) => wholeMs - sumOf(phases.values()))),
    [`overhead ms ${of}`]: medianOf(whole),
    [`overhead p95 ms ${of}`]: percentile(whole, 0.95),
    [`probe ratio ${of}`]: medianOf(whole) / probeMs,
  }
}

/** Runs the sweep and returns a turn a configuration, the last one left out: nothing starts after it. */
async function run(
  redis: Redis,
  { folder, store, submitted }: { folder: string } & Awaited<ReturnType<typeof submittedStudy>>,
): Promise<Turn[]> {
  const { plan } = submitted
  const producer = benchProducer(redis, plan, store)
  await reconcile(producer.sweep, producer.ports, freshMemory())
  const phases = createPhases()
  const turns: Turn[] = []
  let begun: { at: number; turbines: number } | undefined
  let ended = 0
  const { promise: done, resolve: allEnded } = Promise.withResolvers<void>()
  const worker = benchWorker({
    ...{ redis, store, sweep: plan.sweep, slots: 1, folder, phases },
    onStart(index) {
      const now = performance.now()
      const taken = phases.take()
      if (begun) turns.push({ turbines: begun.turbines, wholeMs: now - begun.at, phases: taken })
      begun = { at: now, turbines: problemOf(plan.at(index), plan.specification).nTurbines }
    },
    onEnd() {
      if (++ended === plan.total) allEnded()
    },
  })
  worker.start()
  await done
  await worker.close()
  await producer.close()
  return turns
}

const sumOf = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0)

function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.floor(share * (sorted.length - 1))]!
}

function render(figures: Medians): string {
  const columns = [...sizes.map(String), 'all']
  const row = (name: string, what = name.replace(/ ms$/, '')) => ({
    what,
    cells: columns.map((of) => (`${name} ${of}` in figures ? `${name} ${of}` : '')),
  })
  const table = medianTable(
    ['median of a configuration, ms', ...sizes.map((size) => `${size} turbines`), 'all'],
    [
      ...[...workerPhases, 'queue and rest'].map((phase) => row(`${phase} ms`)),
      row('overhead ms', 'the whole overhead'),
      row('aep ms', 'evaluating the AEP alone'),
      row('less aep ms', 'the whole less that'),
      row('overhead p95 ms', 'the whole, 95th percentile'),
      row('probe ratio', 'ratio of the whole to the fsync probe'),
    ],
    figures,
  )
  const verdict = verdictOn('overhead ms all', { atMost: 25 }, figures)
  const probe = `fsync probe of the same disk: ${withRange('fsync probe ms', figures)} ms`
  return `${table}${verdict} (${withRange('configurations', figures)} configurations); ${probe}\n`
}
