import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createFileStore } from '@windrow/common/store/file-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { Redis } from 'ioredis'
import type { Ended } from '../../apps/cli/fixtures/windrow.ts'
import { windrowInProcess } from '../../apps/cli/fixtures/windrow-in-process.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { type KeptService, keepService } from './kept-service.ts'
import { type CrashMode, fileOf } from './modes.ts'
import { badHost, type ToldOptimizer } from './sweeps.ts'

export type CrashingService = 'producer' | 'worker' | 'merger'

/** A store, a Redis and the services on them, whose crash points can be armed. */
export interface Stage {
  readonly folder: string
  readonly store: Store
  readonly redis: Redis
  readonly services: Readonly<Record<CrashingService, readonly KeptService[]>>
  /** A `windrow` command on this store and Redis. */
  operate(...args: string[]): Promise<Ended>
  /** Once; `answered late` holds the answer back until it is let go. */
  arm(point: string, mode: CrashMode | 'answered late'): void
  isArmed(point: string): boolean
  hasFired(point: string, mode: CrashMode | 'answered late'): boolean
  letGo(point: string): void
  /** What the processes noted: points they came to, changes without a point, optimizers that were run. */
  noted(what: 'reached' | 'unnamed'): string[]
  witnesses(): readonly string[]
  stop(): Promise<void>
}

const noteFolders = ['armed', 'fired', 'reached', 'unnamed', 'let-go']
const preload = new URL('./preload.ts', import.meta.url).href

/** Where `bin/windrow` keeps what Node has compiled: a process that is killed keeps nothing for the next. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url))

/** With `crashing: false` the services are as users start them. */
export async function setStage(optimizer: ToldOptimizer, { crashing }: { crashing: boolean }): Promise<Stage> {
  const folder = await temporaryFolder()
  const points = join(folder, 'points')
  for (const name of noteFolders) mkdirSync(join(points, name), { recursive: true })
  const server = await startTestRedis()
  const url = pathToFileURL(join(folder, 'store')).href
  const store = await createFileStore(url)
  const environment = {
    ...process.env,
    WINDROW_REDIS_URL: server.url,
    WINDROW_STORE: url,
    NODE_COMPILE_CACHE: compiled,
    ...(crashing && { WINDROW_CRASH_POINTS: points, NODE_OPTIONS: `--import=${preload}` }),
  }
  const keep = (service: CrashingService, n: number, args: readonly string[], host?: string) =>
    keepService({
      ...{ service, args, logFile: join(folder, `${service}-${n}.log`) },
      environment: { ...environment, ...(host && { SLURMD_NODENAME: host }) },
    })
  const local = (n: number) => ['--spool', join(folder, `spool-${n}`), '--scratch', join(folder, `scratch-${n}`)]
  const pace = ['--beat', '300ms', '--look-for-sweeps', '100ms', '--concurrency', '3']
  const services = {
    producer: [keep('producer', 0, ['--every', '300ms', '--beat', '300ms'])],
    worker: ['good', badHost].map((host, n) =>
      keep('worker', n, [...local(n), ...pace, '--optimizers', optimizer.fileOn(host)], host),
    ),
    merger: [keep('merger', 0, ['--scratch', join(folder, 'scratch-of-merger')])],
  }
  return {
    folder,
    store,
    redis: server.connect(),
    services,
    operate: (...args) => windrowInProcess([...args, '--store', url, '--redis', server.url], folder),
    arm(point, mode) {
      rmSync(join(points, 'let-go', fileOf(point)), { force: true })
      if (mode === 'answered late') rmSync(join(points, 'fired', fileOf(point, mode)), { force: true })
      writeFileSync(join(points, 'armed', fileOf(point)), mode)
    },
    isArmed: (point) => existsSync(join(points, 'armed', fileOf(point))),
    hasFired: (point, mode) => existsSync(join(points, 'fired', fileOf(point, mode))),
    letGo: (point) => writeFileSync(join(points, 'let-go', fileOf(point)), ''),
    noted: (what) => readdirSync(join(points, what)).map(decodeURIComponent),
    witnesses: () => readFileSync(join(points, 'witness.log'), 'utf8').split('\n').filter(Boolean),
    stop: async () => {
      await Promise.all(Object.values(services).flatMap((some) => some.map((service) => service.stop())))
    },
  }
}
