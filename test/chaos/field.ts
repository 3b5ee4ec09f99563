import { spawnSync } from 'node:child_process'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { type FaultProxy, openFaultProxy } from '../fixtures/fault-proxy.ts'
import { startRadosgw } from '../fixtures/radosgw.ts'
import { openRedisProxy, type RedisProxy } from '../fixtures/redis-proxy.ts'
import { mountSmallDisk, type SmallDisk } from '../fixtures/small-disk.ts'
import { findPython } from '../fixtures/test-tools.ts'
import type { Chance } from '../simulation/chance.ts'
import { type Journal, openJournal } from './journal.ts'
import { type KeptRedis, keepRedis } from './kept-redis.ts'
import { followLogs, type Logs } from './logs.ts'
import { keepServices, type Services } from './services.ts'
import { type ChaosSweep, computePool, placeOptimizer, writeChaosSpecification } from './sweep.ts'
import { openWatch, type Watch } from './watch.ts'

/** All that a chaos run takes place on. */
export interface Field {
  readonly folder: string
  readonly sweep: ChaosSweep
  readonly specificationPath: string
  readonly chance: Chance
  readonly journal: Journal
  readonly redis: KeptRedis
  readonly redisProxy: RedisProxy
  readonly store: FieldStore
  readonly disk: SmallDisk
  readonly logs: Logs
  readonly services: Services
  readonly watch: Watch
  readonly optimizer: { readonly folder: string; readonly file: string; readonly pool: string; readonly python: string }
  /** What any process of Windrow needs to find Redis and store, through a proxy of the store. */
  environment(through?: FaultProxy): NodeJS.ProcessEnv
  /** Ends everything that was begun here. */
  close(): Promise<void>
  /** The same at once and without a word, for when there is no time. What ends with this process is left to it. */
  abandon(): void
}

/** The bucket, and the proxies before it: one for each merger, one for all others. */
export interface FieldStore {
  readonly client: S3Client
  readonly bucket: string
  readonly prefix: 'chaos/'
  readonly proxy: FaultProxy
  readonly mergerProxies: readonly FaultProxy[]
}

const mergers = 3
const diskKiB = 4 * 1024

export interface FieldOptions {
  readonly folder: string
  readonly sweep: ChaosSweep
  readonly chance: Chance
  readonly say: (line: string) => void
}

/** Starts Redis and store with their proxies, computes the pool, and mounts a small disk. What fails ends what was begun. */
export async function prepareField({ folder, sweep, chance, say }: FieldOptions): Promise<Field> {
  const endings: (() => unknown)[] = []
  const ending = <Part>(part: Part, end: (part: Part) => unknown): Part => {
    endings.unshift(() => end(part))
    return part
  }
  const close = async () => {
    for (const end of endings.splice(0)) await end()
  }
  try {
    mkdirSync(folder, { recursive: true })
    // As many as faults can take from one configuration, whatever comes together; the hopeless have them all.
    const attempts = sweep.keys.length > 1_000 ? 15 : 8
    const journal = openJournal(join(folder, 'journal.jsonl'), say)
    const specificationPath = writeChaosSpecification(join(folder, 'chaos'), sweep, { attempts })
    const [server, optimizer] = await Promise.all([
      startRadosgw().then((started) => ending(started, () => started.stop())),
      computeOptimizer(folder, { sweep, specificationPath }),
    ])
    const redis = ending(await keepRedis(join(folder, 'redis')), (kept) => kept.stop())
    const redisProxy = ending(await openRedisProxy(redis.url), (proxy) => proxy.close())
    const mounted = await mountSmallDisk(diskKiB)
    if ('skipped' in mounted) throw new Error(mounted.skipped)
    const disk = ending(mounted, () => mounted.remove())
    const store = await openFieldStore(server, ending)
    const logs = followLogs()
    const reading = setInterval(logs.look, 100)
    const services = ending(keepServices(folder, { journal, logs }), (kept) => kept.stopAll())
    const watch = openWatch({ redis: redis.client, ...store, sweep })
    ending(watch, () => watch.stop())
    ending(reading, () => clearInterval(reading))
    logs.onLine(({ service, facts: { key, attempt, pid } }) => {
      if (typeof key === 'string' && typeof attempt === 'string' && service.startsWith('worker')) {
        watch.note({ key, attempt, worker: `${service}/${pid}` })
      }
    })
    const secrets = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
    const environment = ({ endpoint } = store.proxy): NodeJS.ProcessEnv => ({
      ...process.env,
      ...secrets,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(folder, 'compiled'),
      WINDROW_REDIS_URL: redisProxy.url,
      WINDROW_STORE: `s3://${store.bucket}/${store.prefix.slice(0, -1)}?endpoint=${endpoint}&region=us-east-1`,
    })
    const parts = { folder, sweep, specificationPath, chance, journal, redis, redisProxy, store, disk }
    const abandon = () => {
      services.killAll()
      const { status } = spawnSync('/usr/bin/umount', ['--lazy', disk.path])
      if (status === 0) rmdirSync(disk.path)
    }
    return { ...parts, logs, services, watch, optimizer, environment, close, abandon }
  } catch (error) {
    await close()
    throw error
  }
}

async function computeOptimizer(
  folder: string,
  { sweep, specificationPath }: { sweep: ChaosSweep; specificationPath: string },
): Promise<Field['optimizer']> {
  const pool = join(folder, 'pool')
  const python = await findPython({ path: process.env.PATH ?? '', condaPrefix: process.env.CONDA_PREFIX }, ['h5py'])
  if (python === undefined) throw new Error('no Python here has h5py')
  await computePool(pool, sweep, specificationPath)
  const optimizerFolder = join(folder, 'optimizer')
  return { folder: optimizerFolder, pool, python, file: placeOptimizer(optimizerFolder, pool, { sweep, python }) }
}

async function openFieldStore(
  { endpoint, accessKeyId, secretAccessKey }: Awaited<ReturnType<typeof startRadosgw>>,
  ending: <Part>(part: Part, end: (part: Part) => unknown) => Part,
): Promise<FieldStore> {
  const client = ending(
    new S3Client({
      endpoint,
      credentials: { accessKeyId, secretAccessKey },
      region: 'us-east-1',
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    }),
    (open) => open.destroy(),
  )
  const bucket = 'windrow-chaos'
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const open = async () => ending(await openFaultProxy(endpoint), (proxy) => proxy.close())
  const proxy = await open()
  const mergerProxies = await Promise.all(Array.from({ length: mergers }, open))
  return { client, bucket, prefix: 'chaos/', proxy, mergerProxies }
}
