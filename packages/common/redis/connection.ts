import { Redis, type RedisOptions } from 'ioredis'
import { leaderConnector } from '../cluster/leader-connector.ts'
import { storeOfLeaderUrl } from '../cluster/leader-url.ts'
import { isWindrowError, messageOf, WindrowError } from '../errors/windrow-error.ts'
import { translateRedisError } from './redis-health.ts'
import { parseRedisUrl } from './redis-url.ts'
import { tlsOptions } from './tls-files.ts'

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
 * Throws USAGE when the URL is not understood (see parseRedisUrl for its forms; also `leader:file:///path`, see leaderUrl),
 * FILE_UNREADABLE for the files it names.
 */
export function connectRedis(url: string, { onError }: ConnectionOptions = {}): Redis {
  const client = new Redis({ ...addressOptions(url), ...patientOptions })
  client.on('error', (error: Error) => {
    const explained = explain(error, client)
    lastErrors.set(client, explained)
    onError?.(explained)
  })
  client.on('ready', () => lastErrors.delete(client))
  return client
}

/**
 * Resolves when Redis has answered; for commands that should fail rather than wait for ever. Throws REDIS_UNAVAILABLE when
 * it has not within `timeoutMs` (undefined: it waits for as long as that takes); and at once, because waiting would not help,
 * REDIS_REFUSED or REDIS_UNTRUSTED. The client goes on trying.
 */
export async function awaitRedis(client: Redis, timeoutMs?: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let onError: ((error: Error) => void) | undefined
  const givenUp = new Promise<never>((_resolve, reject) => {
    onError = (error) => {
      const explained = explain(error, client)
      if (!explained.transient) reject(explained)
    }
    client.on('error', onError)
    if (timeoutMs === undefined) return
    timer = setTimeout(() => reject(lastErrors.get(client) ?? silence(client, timeoutMs)), timeoutMs)
  })
  try {
    await Promise.race([client.ping(), givenUp])
  } catch (error) {
    throw explain(error, client)
  } finally {
    clearTimeout(timer)
    client.off('error', onError!)
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
const lastErrors = new WeakMap<Redis, WindrowError>()

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
  const ledStore = storeOfLeaderUrl(url)
  if (ledStore !== undefined) return { Connector: leaderConnector(ledStore) }
  const { target, username, password, database } = parseRedisUrl(url)
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
  if ('socket' in target) return { path: target.socket, ...credentials, db: database }
  const tls = target.tls ? { tls: tlsOptions(target.files) } : {}
  return { host: target.host, port: target.port, ...tls, ...credentials, db: database }
}

function explain(error: unknown, client: Redis): WindrowError {
  const where = describeTarget(client)
  if (isWindrowError(error)) return error
  if (isBrokenOff(error) && !client.options.tls && client.status !== 'ready')
    return unanswered(messageOf(error), { where, error, ...needsTls })
  if (isBrokenOff(error) && client.options.tls && !client.options.tls.cert && client.status !== 'ready')
    return unanswered(messageOf(error), { where, error, ...needsCertificate })
  return translateRedisError(error, where) ?? unanswered(messageOf(error), { where, error })
}

/** A server that takes the connection and says nothing may wait for the end of what it takes for a line of text. */
function silence(client: Redis, timeoutMs: number): WindrowError {
  const hint = client.options.tls ? needsNoTls : {}
  return unanswered(`no answer within ${timeoutMs / 1000} s`, { where: describeTarget(client), ...hint })
}

/** A server that speaks TLS only breaks the connection off when something else arrives. */
const isBrokenOff = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

const needsTls = {
  hint: 'perhaps it speaks TLS there',
  next: 'If it does, write rediss:// in the Redis URL; else bring Redis back.',
}
/** It may refuse a client without one so soon that its word is lost on the way. */
const needsCertificate = {
  hint: 'perhaps it wants a certificate of ours',
  next: 'If it does, name it and its key in the Redis URL: ?cert=/path/to.pem&key=/path/to.key; else bring Redis back.',
}
const needsNoTls = {
  hint: 'perhaps it speaks no TLS there',
  next: 'If it does not, write redis:// in the Redis URL; else bring Redis back.',
}

interface Silence {
  readonly where: string
  readonly error?: unknown
  readonly hint?: string
  readonly next?: string
}

function unanswered(how: string, { where, error, hint, next }: Silence): WindrowError {
  return new WindrowError('REDIS_UNAVAILABLE', {
    message: `Redis at ${where} does not answer: ${how}${hint === undefined ? '' : ` (${hint})`}`,
    cause: error,
    ...(next !== undefined && { next }),
  })
}

function describeTarget({ options }: Redis): string {
  if (options.Connector) return 'the leader'
  return options.path ?? `${options.host}:${options.port}`
}
