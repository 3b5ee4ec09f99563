import { rm, writeFile } from 'node:fs/promises'
import type { LocalDirectory } from '@windrow/common/configuration/local-directory.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { forgetPasses } from '@windrow/common/ledger/passes.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import { type RedisServer, startRedisServer } from '@windrow/common/redis/embedded-server.ts'
import type { RedisProgram } from '@windrow/common/redis/find-server.ts'
import { checkRedis } from '@windrow/common/redis/redis-health.ts'
import type { RedisListener } from '@windrow/common/redis/server-configuration.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { keepSubmissionTrace } from '@windrow/common/tracing/submission-trace.ts'
import { awaitHandBacks } from './await-hand-backs.ts'
import { keepService } from './keep-service.ts'
import { logFileOf, type ServiceName, startService } from './service-process.ts'

export interface LocalServicesOptions {
  readonly directory: LocalDirectory
  readonly storeUrl: string
  /** A Redis to use; undefined: one of our own, found by `findRedis`. */
  readonly redisUrl?: string
  readonly findRedis: () => Promise<RedisProgram>
  /** Where our own Redis listens for workers elsewhere; undefined: a Unix socket, for this machine alone. */
  readonly listen?: RedisListener | undefined
  /** How often workers elsewhere say what they run. */
  readonly beatMs?: number | undefined
  /** Workers of an earlier run may be at work: what they run is adopted. */
  readonly adopt: boolean
  readonly environment: NodeJS.ProcessEnv
  readonly sweep: string
  readonly trace?: string | undefined
  readonly workers: number
  readonly concurrency?: number
  readonly optimizersFile?: string
  /** Told what a person should know while it runs. */
  readonly say: (line: string) => void
}

export interface LocalServices {
  readonly redisUrl: string
  /** Rejects with PROCESS_FAILED when a service keeps dying, or our Redis does. */
  readonly failed: Promise<never>
  /** Drains worker, merger and producer, has those elsewhere hand back what they will, and after `farewell` stops our Redis. */
  stop(farewell?: () => Promise<void>): Promise<void>
  /** Ends everything at once. */
  kill(): void
}

const restartsAllowed = 5

/** On one machine a beat costs nothing, and a ledger that was lost is taken up again after two of them. */
const localBeatMs = 2_000

/** Starts Redis, producer, worker and merger of a local run, each a process of its own; a service that dies is started again. */
export async function startLocalServices(options: LocalServicesOptions): Promise<LocalServices> {
  const { directory } = options
  let fail: (error: WindrowError) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Awaited by whoever follows the sweep; until then a failure must not end the process unheard.
  failed.catch(() => undefined)
  if (options.redisUrl !== undefined) await refuseUnsafeRedis(options.redisUrl, options.say)
  const redis = options.redisUrl === undefined ? await keepRedis(options, fail) : undefined
  const redisUrl = options.redisUrl ?? redis!.url
  await startAfresh(redisUrl, options)
  await writeFile(directory.running, `${JSON.stringify({ redis: redisUrl, pid: process.pid })}\n`, { mode: 0o600 })
  const environment = {
    ...options.environment,
    WINDROW_REDIS_URL: redisUrl,
    WINDROW_STORE: options.storeUrl,
    // Meant for one service a host: here several would want one port.
    WINDROW_HTTP: undefined,
  }
  const running = plannedServices(options).map((planned) =>
    keepService({
      ...planned,
      start: (onUnexpectedEnd) => startService({ ...planned, environment, onUnexpectedEnd }),
      clock: systemClock,
      say: options.say,
      fail,
    }),
  )
  return {
    redisUrl,
    failed,
    async stop(farewell) {
      await Promise.all(running.map((service) => service.stop()))
      if (options.listen) await awaitHandBacks(redisUrl, options.sweep, systemClock)
      await farewell?.()
      await redis?.stop()
      await rm(directory.running, { force: true })
    },
    kill() {
      for (const service of running) service.kill()
    },
  }
}

interface KeptRedis {
  readonly url: string
  stop(): Promise<void>
}

/** Starts our own Redis, and starts it again on the same data and socket when it dies, a few times at most. */
async function keepRedis(options: LocalServicesOptions, fail: (error: WindrowError) => void): Promise<KeptRedis> {
  const { binary, libraryPath } = await options.findRedis()
  const start = () =>
    startRedisServer({
      binary,
      libraryPath,
      directory: options.directory.redis,
      ...(options.listen && { listen: options.listen }),
    })
  let restarts = 0
  let starting: Promise<RedisServer> | undefined
  let stopping = false
  const watch = (server: RedisServer): RedisServer => {
    void server.ended.then(({ expected, message }) => {
      if (expected || stopping) return
      if (++restarts > restartsAllowed) return fail(redisDied(message, options))
      options.say(`redis-server ended unexpectedly; starting it again (its log: ${options.directory.redis}/redis.log)`)
      starting = start().then(watch)
      starting.catch((error: unknown) => fail(redisDied(messageOf(error), options)))
    })
    return server
  }
  starting = start().then(watch)
  const { url } = await starting
  return {
    url,
    async stop() {
      stopping = true
      await (await starting!).stop()
    },
  }
}

function redisDied(message: string, { directory }: LocalServicesOptions): WindrowError {
  return new WindrowError('PROCESS_FAILED', { message, next: `Read ${directory.redis}/redis.log.` })
}

async function startAfresh(url: string, { sweep, trace }: LocalServicesOptions): Promise<void> {
  const client = connectRedis(url)
  try {
    await awaitRedis(client, 5_000)
    await forgetPasses(client, sweep)
    await keepSubmissionTrace(client, sweep, trace)
  } finally {
    client.disconnect()
  }
}

/** A Redis of somebody else's is looked at before anything starts. */
async function refuseUnsafeRedis(url: string, say: (line: string) => void): Promise<void> {
  const client = connectRedis(url)
  try {
    await awaitRedis(client, 5_000)
    for (const { severity, code, message } of await checkRedis(client)) {
      if (severity === 'error') throw new WindrowError(code, { message })
      say(`warning: ${message}`)
    }
  } finally {
    client.disconnect()
  }
}

interface PlannedService {
  readonly service: ServiceName
  readonly args: readonly string[]
  readonly logFile: string
}

function plannedServices(options: LocalServicesOptions): PlannedService[] {
  const { directory, sweep, workers, concurrency, optimizersFile, beatMs = localBeatMs, adopt } = options
  const beat = `${beatMs}ms`
  const worker = (n: number): PlannedService => ({
    service: 'worker',
    logFile: logFileOf(directory.logs, 'worker', n),
    args: [
      '--sweep',
      sweep,
      '--beat',
      beat,
      '--spool',
      n === 0 ? directory.spool : `${directory.spool}-${n}`,
      '--scratch',
      `${directory.scratch}/worker-${n}`,
      ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
      ...(optimizersFile === undefined ? [] : ['--optimizers', optimizersFile]),
    ],
  })
  return [
    {
      service: 'producer',
      logFile: logFileOf(directory.logs, 'producer'),
      args: ['--sweep', sweep, '--every', '1s', '--beat', beat, ...(adopt ? [] : ['--alone'])],
    },
    {
      service: 'merger',
      logFile: logFileOf(directory.logs, 'merger'),
      args: ['--scratch', `${directory.scratch}/merger`],
    },
    ...Array.from({ length: workers }, (_, n) => worker(n)),
  ]
}
