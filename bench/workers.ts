import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readActions } from '@windrow/common/accounting/actions.ts'
import { currentGeneration, readGenerations } from '@windrow/common/accounting/generations.ts'
import { describePause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { submitManifest } from '@windrow/common/sweep/manifests.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { startService } from '../apps/cli/running/service-process.ts'
import { startBenchS3 } from './fixtures/s3.ts'
import { studyPlan, studySpecification } from './fixtures/study.ts'
import { optimizeInstantly } from './instant-optimizer/outcomes.ts'
import { onFreshRedisServer } from './redis/bench-redis.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { medianTable } from './running/table.ts'

const set = ['farm.pick=[0]', 'type.pick=[0]', 'ss_seed=0..399']
const workerCounts = [1, 2, 4]
const resultBytes = 8_000

/** Verified results a second of real services on both kinds of store, beside what the store alone takes of the same bytes. */
export const workersBench: Bench = {
  title:
    'A sweep of 400 configurations by producer, merger and workers of one slot each, an optimizer that takes no time',
  measure,
  render,
}

async function measure({ folder }: BenchPlace): Promise<Figures> {
  await optimizeInstantly(await studyPlan(set), join(folder, 'outcomes.json'))
  const s3 = await startBenchS3()
  let figures: Figures = {}
  try {
    for (const [kind, urlOf] of [
      ['file', (name: string) => pathToFileURL(join(folder, name)).href],
      ['s3', s3.url],
    ] as const) {
      const store = await openStore(urlOf('puts'), { create: true })
      figures = { ...figures, [`${kind} creates per s`]: await createsPerSecond(store) }
      for (const workers of workerCounts) {
        const rate = await sweepRate({
          folder,
          storeUrl: urlOf(`store-${workers}`),
          workers,
          environment: s3.environment,
        })
        figures = { ...figures, [`${kind} ${workers} per s`]: rate }
      }
    }
  } finally {
    await s3.stop()
  }
  return figures
}

/** The store alone: as many objects of a result's size, one after the other. */
async function createsPerSecond(store: Store): Promise<number> {
  const count = 400
  const start = performance.now()
  for (let n = 0; n < count; n++) await store.create(`probe/${n}.h5`, new Uint8Array(resultBytes).fill(n % 256))
  return (1000 * count) / (performance.now() - start)
}

interface SweepOnServices {
  readonly folder: string
  readonly storeUrl: string
  readonly workers: number
  readonly environment: NodeJS.ProcessEnv
}

/** From the start of the services until a complete generation is published. */
async function sweepRate({ folder, storeUrl, workers, environment }: SweepOnServices): Promise<number> {
  const store = await openStore(storeUrl, { create: true })
  const specification = await studySpecification(set)
  await submitManifest(store, specification, { now: systemClock.now(), numericsId: 'bench', windrowVersion: 'bench' })
  const { total } = await studyPlan(set)
  return await onFreshRedisServer(folder, async (redisUrl) => {
    const start = (service: 'producer' | 'worker' | 'merger', n: number, args: readonly string[]) =>
      startService({
        service,
        args,
        environment: { ...process.env, ...environment, WINDROW_REDIS_URL: redisUrl, WINDROW_STORE: storeUrl },
        logFile: join(folder, `${service}-${n}.log`),
        onUnexpectedEnd: (how) => console.error(`${service} ended: ${JSON.stringify(how)}`),
      })
    const began = performance.now()
    const place = (name: string) => join(folder, `${name}-${workers}-${performance.now()}`)
    const services = [
      start('producer', 0, ['--alone']),
      start('merger', 0, ['--scratch', place('merging')]),
      ...Array.from({ length: workers }, (_, n) =>
        start('worker', n, ['--concurrency', '1', '--spool', place(`spool-${n}`), '--scratch', place(`work-${n}`)]),
      ),
    ]
    try {
      while (!currentGeneration(await readGenerations(store, specification.name))?.complete) {
        const pause = pauseBy((await readActions(store, specification.name)).actions)
        if (pause) throw new Error(`The sweep was ${describePause(pause)}.`)
        await systemClock.sleep(100)
      }
      return (1000 * total) / (performance.now() - began)
    } finally {
      await Promise.all(services.map((service) => service.stop()))
    }
  })
}

function render(medians: Medians): string {
  return medianTable(
    [
      'verified results/s',
      ...workerCounts.map((count) => `${count} worker${count > 1 ? 's' : ''}`),
      'creates/s of the store alone',
    ],
    [
      { what: 'file://', cells: [...workerCounts.map((count) => `file ${count} per s`), 'file creates per s'] },
      {
        what: "s3:// (Ceph's gateway)",
        cells: [...workerCounts.map((count) => `s3 ${count} per s`), 's3 creates per s'],
      },
    ],
    medians,
  )
}
