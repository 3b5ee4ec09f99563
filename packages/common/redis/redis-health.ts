import type { Redis } from 'ioredis'
import type { ErrorCode } from '../errors/catalogue.ts'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { translateTlsError } from './tls-failure.ts'

export interface RedisFinding {
  /** An error must be put right before work starts; a warning is worth a line in the log. */
  readonly severity: 'error' | 'warning'
  readonly code: Extract<ErrorCode, 'REDIS_EVICTING' | 'REDIS_TOO_OLD' | 'REDIS_NOT_DURABLE' | 'REDIS_UNCHECKED'>
  readonly message: string
}

/**
 * What is wrong with the settings of a Redis server for Windrow's purposes; empty when nothing is. Reads INFO only, which
 * hosted servers allow; what the server does not tell is a warning. Rejects with a REDIS_ error when it does not answer.
 */
export async function checkRedis(client: Redis): Promise<RedisFinding[]> {
  try {
    return findingsFrom(await client.info())
  } catch (error) {
    if (error instanceof Error && notPermitted.test(error.message))
      return [unchecked(Object.values(lookedAt), error.message)]
    throw translateRedisError(error) ?? unreadable(error)
  }
}

/** The same from the text that INFO returns. */
export function findingsFrom(information: string): RedisFinding[] {
  const facts = new Map(
    [...information.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const findings: RedisFinding[] = []
  const untold = Object.entries(lookedAt).filter(([fact]) => !facts.has(fact))
  if (untold.length > 0) findings.push(unchecked(untold.map(([, question]) => question)))
  const version = facts.get('redis_version')
  if (version !== undefined && isOlderThan62(version)) {
    findings.push({
      severity: 'error',
      code: 'REDIS_TOO_OLD',
      message: `Redis is ${version}; Windrow needs 6.2 or newer.`,
    })
  }
  const policy = facts.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
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

/** What is looked at: the name of the fact in INFO, and the question it answers. */
const lookedAt = {
  redis_version: 'which version it is',
  maxmemory_policy: 'whether it may evict keys',
  aof_enabled: 'whether it writes its data to disk',
} as const

function unchecked(questions: readonly string[], why?: string): RedisFinding {
  const message = `Redis does not tell ${questions.join(', ')}, so that was not checked${why === undefined ? '' : ` (${why})`}.`
  return { severity: 'warning', code: 'REDIS_UNCHECKED', message }
}

/**
 * The WindrowError for an error of a Redis client: REDIS_FULL (out of memory), REDIS_REFUSED (password, rights),
 * REDIS_UNTRUSTED (certificate), REDIS_UNAVAILABLE (connection, loading, its disk is full); undefined for any other (a
 * defect, a script's own reply).
 */
export function translateRedisError(error: unknown, where = ''): WindrowError | undefined {
  if (error instanceof WindrowError) return error
  if (!(error instanceof Error)) return undefined
  const place = where === '' ? 'Redis' : `Redis at ${where}`
  const code = codeOf(error)
  if (code === 'REDIS_FULL')
    return new WindrowError(code, { message: `${place} has reached its maxmemory`, cause: error })
  if (code === 'REDIS_REFUSED') {
    const next = notPermitted.test(error.message)
      ? { next: 'Give the user the rights that docs/security.md names.' }
      : {}
    return new WindrowError(code, { message: `${place} refuses us: ${error.message}`, cause: error, ...next })
  }
  if (code === 'REDIS_UNAVAILABLE')
    return new WindrowError(code, { message: `${place} does not answer: ${error.message}`, cause: error })
  return translateTlsError(error, place)
}

/** Replies of the server that begin with these words; a script's reply has them in the middle. */
const fullReply = /\bOOM command not allowed\b/
const refusedReply = /\b(NOAUTH|WRONGPASS)\b|ERR invalid password/
/** From a script Redis 7.0 says it in the second way, later ones in the third. */
const notPermitted = /\bNOPERM\b|The user executing the script can't|ACL failure in script/
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
  if (refusedReply.test(message) || notPermitted.test(message)) return 'REDIS_REFUSED'
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
