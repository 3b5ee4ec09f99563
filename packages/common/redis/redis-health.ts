import type { Redis } from 'ioredis'
import type { ErrorCode } from '../errors/catalogue.ts'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'

export interface RedisFinding {
  /** An error must be put right before work starts; a warning is worth a line in the log. */
  readonly severity: 'error' | 'warning'
  readonly code: Extract<ErrorCode, 'REDIS_EVICTING' | 'REDIS_TOO_OLD' | 'REDIS_NOT_DURABLE'>
  readonly message: string
}

/**
 * What is wrong with the settings of a Redis server for Windrow's purposes; empty when nothing is. Reads INFO only, which
 * hosted servers allow. Rejects with a REDIS_ error when the server does not answer.
 */
export async function checkRedis(client: Redis): Promise<RedisFinding[]> {
  try {
    return findingsFrom(await client.info())
  } catch (error) {
    throw translateRedisError(error) ?? unreadable(error)
  }
}

/** The same from the text that INFO returns. */
export function findingsFrom(information: string): RedisFinding[] {
  const facts = new Map(
    [...information.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const findings: RedisFinding[] = []
  const version = facts.get('redis_version') ?? '0.0.0'
  if (isOlderThan62(version)) {
    findings.push({
      severity: 'error',
      code: 'REDIS_TOO_OLD',
      message: `Redis is ${version}; Windrow needs 6.2 or newer.`,
    })
  }
  const policy = facts.get('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') {
    const message = `Redis may throw keys away when memory is short: its maxmemory-policy is ${policy} and must be noeviction.`
    findings.push({ severity: 'error', code: 'REDIS_EVICTING', message })
  }
  if (facts.get('aof_enabled') === '0') {
    const message =
      'Redis does not write its data to disk (appendonly is no): when it restarts, the queue is rebuilt from the store and attempts are counted anew.'
    findings.push({ severity: 'warning', code: 'REDIS_NOT_DURABLE', message })
  }
  return findings
}

/**
 * The WindrowError for an error of a Redis client: REDIS_FULL (out of memory), REDIS_REFUSED (password),
 * REDIS_UNAVAILABLE (connection, loading, its disk is full); undefined for any other (a defect, a script's own reply).
 */
export function translateRedisError(error: unknown, where = ''): WindrowError | undefined {
  if (error instanceof WindrowError) return error
  if (!(error instanceof Error)) return undefined
  const place = where === '' ? 'Redis' : `Redis at ${where}`
  const code = codeOf(error)
  if (code === 'REDIS_FULL')
    return new WindrowError(code, { message: `${place} has reached its maxmemory`, cause: error })
  if (code === 'REDIS_REFUSED')
    return new WindrowError(code, { message: `${place} refuses us: ${error.message}`, cause: error })
  if (code === 'REDIS_UNAVAILABLE')
    return new WindrowError(code, { message: `${place} does not answer: ${error.message}`, cause: error })
  return undefined
}

/** Replies of the server that begin with these words; a script's reply has them in the middle. */
const fullReply = /\bOOM command not allowed\b/
const refusedReply = /\b(NOAUTH|WRONGPASS|NOPERM)\b|ERR invalid password/
const unavailableReply = /^(LOADING|MISCONF|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN)\b|\bMISCONF\b/
/** What ioredis says when a connection is gone. */
const unavailableClient =
  /^Connection is closed|^Stream isn't writeable|^Socket timeout|^Ready check failed|aborted due to connection close|connect ETIMEDOUT/
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

type RedisFailure = 'REDIS_FULL' | 'REDIS_REFUSED' | 'REDIS_UNAVAILABLE'

function codeOf(error: Error & { previousErrors?: readonly Error[] }): RedisFailure | undefined {
  const { message } = error
  // A transaction that was called off: what its commands were refused for is the reason.
  if (message.startsWith('EXECABORT')) {
    return (error.previousErrors ?? []).map(codeOf).find((code) => code !== undefined) ?? 'REDIS_UNAVAILABLE'
  }
  if (fullReply.test(message)) return 'REDIS_FULL'
  if (refusedReply.test(message)) return 'REDIS_REFUSED'
  if (unavailableReply.test(message) || unavailableClient.test(message)) return 'REDIS_UNAVAILABLE'
  if (error.name === 'MaxRetriesPerRequestError') return 'REDIS_UNAVAILABLE'
  return isConnectionFailure(error) ? 'REDIS_UNAVAILABLE' : undefined
}

/** A socket file that is not there (ENOENT) or not ours (EACCES) counts only when connecting: files give the same codes. */
function isConnectionFailure(error: Error & { code?: unknown; syscall?: unknown }): boolean {
  return connectionCodes.has(String(error.code)) || error.syscall === 'connect'
}

function unreadable(error: unknown): WindrowError {
  return new WindrowError('REDIS_UNAVAILABLE', {
    message: `Redis does not tell its state: ${messageOf(error)}`,
    cause: error,
  })
}

function isOlderThan62(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 6 || (major === 6 && minor < 2)
}
