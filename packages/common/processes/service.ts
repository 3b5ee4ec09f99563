import { parseArgs } from 'node:util'
import type { Redis } from 'ioredis'
import { storeOfLeaderUrl } from '../cluster/leader-url.ts'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { createLogger, type Logger } from '../logging/logger.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import { observeRedis } from '../metrics/redis-metrics.ts'
import { observeStore } from '../metrics/store-metrics.ts'
import { awaitRedis, connectRedis, endConnection } from '../redis/connection.ts'
import { createOutageNews } from '../redis/outage-news.ts'
import { checkRedis } from '../redis/redis-health.ts'
import { redactUrl } from '../redis/redis-url.ts'
import { openStore } from '../store/open-store.ts'
import { probeStore } from '../store/probe-store.ts'
import type { Store } from '../store/store.ts'
import { parseDurationMs } from '../sweep/notation.ts'
import { systemClock } from '../time/clock.ts'
import { systemRandomness } from '../time/randomness.ts'
import { createHealth, type Health } from './health.ts'
import type { ObservedService } from './health-routes.ts'
import { openAwaitedStore } from './open-awaited-store.ts'
import { watchParent } from './parent-watch.ts'

type FlagKinds = Readonly<Record<string, 'text' | 'switch'>>
export type Flags<Kinds extends FlagKinds> = {
  readonly [Name in keyof Kinds]: (Kinds[Name] extends 'switch' ? boolean : string) | undefined
}

/** What main.ts hands in: it alone reads the process. */
export interface ServiceHost {
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly stdin: NodeJS.ReadStream
  readonly readable: boolean
}

export interface Service<Kinds extends FlagKinds> {
  readonly flags: Flags<Kinds>
  readonly logger: Logger
  readonly store: Store
  readonly redisUrl: string
  /** A connection for commands; closed when the service ends. */
  readonly redis: Redis
  /** Aborts when the service shall drain: SIGTERM, SIGINT, or its parent is gone. */
  readonly shutdown: AbortSignal
  /** What `/healthz` says. */
  readonly health: Health
  readonly metrics: Metrics
  /** Asks the service itself to drain. */
  readonly drain: (reason: string) => void
}

/** A service before its store and its Redis have answered. */
export type StartingService<Kinds extends FlagKinds> = Omit<Service<Kinds>, 'store'> & { readonly storeUrl: string }

export interface ServiceDescription<Kinds extends FlagKinds> {
  readonly name: string
  readonly flags: Kinds
  readonly host: ServiceHost
  /** It writes nothing into the store, and need not be able to: the store is not probed. */
  readonly readsOnly?: boolean
  /** Told when the service starts, before store and Redis have answered. */
  readonly onStart?: (starting: StartingService<Kinds>) => void
}

const commonFlags = {
  store: 'text',
  redis: 'text',
  http: 'text',
  'log-level': 'text',
  'end-with-parent': 'switch',
} as const

/**
 * The life of a service: reads its flags, opens the store and Redis of its context, probes both, runs `body` until it
 * returns, which it does soon after `shutdown`. With `--http` it answers for its health all the while. Returns the exit
 * status.
 */
export async function runService<Kinds extends FlagKinds>(
  { name, flags: kinds, host, readsOnly = false, onStart }: ServiceDescription<Kinds>,
  body: (service: Service<Kinds>) => Promise<void>,
): Promise<number> {
  const { environment } = host
  const level = environment.WINDROW_LOG_LEVEL ?? 'info'
  const logger = createLogger(name, { level, readable: host.readable })
  let redis: Redis | undefined
  let http: { close(): PromiseLike<unknown> } | undefined
  try {
    const flags = readFlags<Kinds & typeof commonFlags>(host.args, { ...commonFlags, ...kinds })
    const common: Flags<typeof commonFlags> = flags
    if (common['log-level']) logger.level = common['log-level']
    const storeUrl = required(common.store ?? environment.WINDROW_STORE, '--store or WINDROW_STORE')
    const redisUrl = required(common.redis ?? environment.WINDROW_REDIS_URL, '--redis or WINDROW_REDIS_URL')
    const { shutdown, drain } = listenForShutdown(logger, common['end-with-parent'] ? host.stdin : undefined)
    const news = createOutageNews(logger)
    redis = connectRedis(redisUrl, { onError: news.onError })
    redis.on('ready', news.onReady)
    const seen = { health: createHealth(), metrics: createMetrics(logger), redis, store: undefined, shutdown, logger }
    observeRedis(redis, seen.metrics)
    const address = common.http ?? (environment.WINDROW_HTTP || undefined)
    if (address !== undefined) http = await answerAt(address, seen)
    const { health, metrics } = seen
    onStart?.({ flags, logger, redisUrl, redis, shutdown, drain, storeUrl, health, metrics })
    const followsLeader = storeOfLeaderUrl(redisUrl) !== undefined
    const serving = serve({ flags, redisUrl, seen, storeUrl, drain, readsOnly, followsLeader }, body)
    await Promise.race([serving, drainWithoutRedis({ logger, redis, shutdown, followsLeader })])
    logger.info('ended')
    return 0
  } catch (error) {
    logger.fatal({ err: error }, messageOf(error))
    return 1
  } finally {
    await http?.close()
    redis?.disconnect()
  }
}

/** A web server takes a while to load; only who is to answer waits for it. */
async function answerAt(address: string, seen: ObservedService & { readonly logger: Logger }) {
  const { startHealthServer } = await import('./health-server.ts')
  return await startHealthServer(address, seen)
}

interface Beginning<Kinds extends FlagKinds> extends Pick<Service<Kinds>, 'flags' | 'redisUrl' | 'drain'> {
  /** What is asked for its health and metrics, from before its store is open. */
  readonly seen: ObservedService & { store: Store | undefined; readonly logger: Logger }
  readonly storeUrl: string
  readonly readsOnly: boolean
  readonly followsLeader: boolean
}

async function serve<Kinds extends FlagKinds>(
  { flags, redisUrl, seen, storeUrl, drain, readsOnly, followsLeader }: Beginning<Kinds>,
  body: (service: Service<Kinds>) => Promise<void>,
): Promise<void> {
  const { logger, redis, metrics, shutdown } = seen
  // For as long as it takes: services may be started before their Redis is. That of a leader is one of ours, and may come
  // later still, as may the store that it makes.
  if (!followsLeader) {
    await awaitRedis(redis)
    await refuseUnsafeRedis(redis, logger)
  }
  const opened = followsLeader ? await openAwaitedStore(storeUrl, shutdown) : await openStore(storeUrl)
  if (!opened) return
  const store = observeStore(opened, metrics)
  if (!readsOnly) await probeStore(store, systemRandomness)
  seen.store = store
  logger.info({ store: store.url, redis: redactUrl(redisUrl), pid: process.pid }, 'started')
  await body({ ...seen, flags, redisUrl, drain, store })
}

const redisPatienceMs = 5_000

/** A leader that has gone comes back as another process, perhaps hours later: a drain does not wait long for that. */
const leaderPatienceMs = 2_000

/** What is left of a drain when the connection has been ended takes no longer than this. */
const lastPatienceMs = 15_000

/**
 * A command given while Redis is away waits until it is back, and a drain would wait with it. So when Redis does not answer
 * a service that drains, its connection is ended, and with it every wait; rejects when even that does not end the service.
 */
async function drainWithoutRedis({
  logger,
  redis,
  shutdown,
  followsLeader,
}: Pick<Service<FlagKinds>, 'logger' | 'redis' | 'shutdown'> & { followsLeader: boolean }): Promise<never> {
  await new Promise<void>((resolve) => {
    if (shutdown.aborted) resolve()
    shutdown.addEventListener('abort', () => resolve(), { once: true })
  })
  try {
    for (;;) {
      await awaitRedis(redis, redis.status === 'ready' || !followsLeader ? redisPatienceMs : leaderPatienceMs)
      await systemClock.sleep(redisPatienceMs)
    }
  } catch (error) {
    logger.warn(
      { err: error },
      'Redis is away: what runs here cannot be handed back, and is taken over when its lock ends',
    )
  }
  endConnection(redis, (error) => logger.warn({ err: error }, error.message))
  await systemClock.sleep(lastPatienceMs)
  throw new WindrowError('REDIS_UNAVAILABLE', { message: 'Redis went away while the service drained' })
}

/** A flag that holds a duration such as `30s`, in ms. USAGE when it does not. */
export function durationFlag(name: string, value: string | undefined, otherwiseMs: number): number {
  if (value === undefined) return otherwiseMs
  const ms = parseDurationMs(value)
  if (ms !== undefined) return ms
  throw new WindrowError('USAGE', { message: `--${name} ${value}: expected a duration such as 500ms, 30s or 5m` })
}

/** A flag that holds a whole number of at least 1. USAGE when it does not. */
export function countFlag(name: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new WindrowError('USAGE', { message: `--${name} ${value}: expected a whole number of at least 1` })
}

function readFlags<Kinds extends FlagKinds>(args: readonly string[], kinds: Kinds): Flags<Kinds> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([flag, kind]) => [
      flag,
      { type: kind === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as Flags<Kinds>
  } catch (cause) {
    throw new WindrowError('USAGE', { message: messageOf(cause), cause })
  }
}

function required(value: string | undefined, name: string): string {
  if (value) return value
  throw new WindrowError('USAGE', { message: `${name} is needed` })
}

function listenForShutdown(logger: Logger, parent: NodeJS.ReadStream | undefined) {
  const controller = new AbortController()
  const drain = (reason: string) => {
    if (controller.signal.aborted) return
    logger.info({ reason }, 'draining')
    controller.abort()
  }
  process.on('SIGTERM', () => drain('SIGTERM'))
  process.on('SIGINT', () => drain('SIGINT'))
  if (parent) watchParent(parent, () => drain('the process that started it is gone'))
  return { shutdown: controller.signal, drain }
}

/** An evicting or outdated Redis would lose jobs silently: refused. What merely costs time is warned of. */
async function refuseUnsafeRedis(redis: Redis, logger: Logger): Promise<void> {
  for (const { severity, code, message } of await checkRedis(redis)) {
    if (severity === 'error') throw new WindrowError(code, { message })
    logger.warn({ code }, message)
  }
}
