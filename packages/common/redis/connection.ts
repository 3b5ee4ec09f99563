import { Redis, type RedisOptions } from 'ioredis'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { translateRedisError } from './redis-health.ts'
import { parseRedisUrl, redactUrl } from './redis-url.ts'

export interface ConnectionOptions {
  /** Hears of every failure to connect and every lost connection (several a minute during an outage); for a log. */
  readonly onError?: (error: WindrowError) => void
}

/**
 * A connection to Redis, fit for BullMQ's workers and for everything else: it connects by itself, connects again after every outage, and a command given
 * meanwhile waits until Redis is back instead of failing (BullMQ needs exactly that). It never throws by itself, and it
 * keeps the process running until `disconnect()` or `quit()`. What must not wait asks `awaitRedis` first.
 *
 * Commands in flight when the connection breaks are sent again: they must be safe to run twice.
 * Throws USAGE when the URL is not understood (see parseRedisUrl for its forms).
 */
export function connectRedis(url: string, { onError }: ConnectionOptions = {}): Redis {
  const client = new Redis({ ...addressOptions(url), ...patientOptions })
  const shown = redactUrl(url)
  client.on('error', (error: Error) => {
    lastErrors.set(client, error)
    onError?.(asWindrowError(error, shown))
  })
  client.on('ready', () => lastErrors.delete(client))
  return client
}

/**
 * Resolves when Redis has answered; for commands that should fail rather than wait for ever.
 * Throws REDIS_UNAVAILABLE (or REDIS_REFUSED) when it has not within `timeoutMs`; the client goes on trying.
 */
export async function awaitRedis(client: Redis, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const givenUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const cause = lastErrors.get(client) ?? new Error(`no answer within ${timeoutMs / 1000} s`)
      reject(asWindrowError(cause, describeTarget(client)))
    }, timeoutMs)
  })
  try {
    await Promise.race([client.ping(), givenUp])
  } catch (error) {
    throw asWindrowError(error, describeTarget(client))
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Ends a connection, and with it every command that waits for an answer. One that is between two tries to connect is made
 * to try once more: ended as it is, ioredis would tell nobody, and whoever waits would wait for ever.
 */
export function endConnection(
  client: { status: string; connect(): Promise<void>; disconnect(): void },
  onError: (error: Error) => void,
): void {
  if (client.status === 'reconnecting') client.connect().catch(onError)
  client.disconnect()
}

/** The last error of a client that is not connected, for the message of awaitRedis. */
const lastErrors = new WeakMap<Redis, Error>()

/**
 * No commandTimeout, finite maxRetriesPerRequest or keyPrefix: each of them breaks BullMQ's workers. No socketTimeout
 * either: its timer outlives the connection, holds the process for as long and then breaks the next connection. A host
 * that vanished without a word is noticed by TCP keep-alive.
 */
const patientOptions: RedisOptions = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: true,
  connectTimeout: 10_000,
  keepAlive: 10_000,
  /** ioredis keeps the process for as long when the connection is gone already. */
  disconnectTimeout: 250,
  retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt - 1, 6), 2_000),
  /** A replica after a failover: connect again, to the new primary, and send the command once more. */
  reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
}

function addressOptions(url: string): RedisOptions {
  const { target, username, password, database } = parseRedisUrl(url)
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
  if ('socket' in target) return { path: target.socket, ...credentials, db: database }
  return { host: target.host, port: target.port, ...(target.tls ? { tls: {} } : {}), ...credentials, db: database }
}

function asWindrowError(error: unknown, where: string): WindrowError {
  const translated = translateRedisError(error, where)
  if (translated !== undefined) return translated
  return new WindrowError('REDIS_UNAVAILABLE', {
    message: `Redis at ${where} does not answer: ${messageOf(error)}`,
    cause: error,
  })
}

function describeTarget({ options }: Redis): string {
  return options.path ?? `${options.host}:${options.port}`
}
