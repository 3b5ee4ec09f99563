import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import type { S3Address } from './s3-address.ts'

export interface S3Act {
  readonly address: S3Address
  /** Empty: the store as a whole. */
  readonly name: string
  readonly act: 'read' | 'write'
}

/** The code of an S3 answer (`NoSuchKey`, ...) or of a failed connection (`ECONNREFUSED`, ...). */
export function s3CodeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const isOfConnection = statusOf(error) === undefined && error.name !== 'TimeoutError'
  return isOfConnection && 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** True for "the name is taken", the answer to a conditional create. */
export const isNameTaken = (error: unknown) => statusOf(error) === 412

/** True when no object of this name is there; a missing bucket, or a 404 of something else than S3, is not that. */
export const isNoSuchObject = (error: unknown) => s3CodeOf(error) === 'NoSuchKey'

/** Answers of the server that a repetition may turn into success, though their status does not say so. */
const passingCodes = new Set(['RequestTimeout', 'SlowDown', 'BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch'])

/** True when the same request may succeed a moment later: no connection, no answer, conflict, overload, damage on the way. */
export function mayPass(error: unknown): boolean {
  if (error instanceof WindrowError) return error.code === 'STORE_UNAVAILABLE'
  if (isWithoutCredentials(error)) return false
  const status = statusOf(error)
  if (status === undefined || passingCodes.has(s3CodeOf(error))) return true
  return status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501 && status !== 507)
}

/**
 * What a failed request means for a store: STORE_REFUSED, STORE_READ_ONLY, STORE_FULL, STORE_UNSAFE, and STORE_UNAVAILABLE
 * for all the rest. WindrowErrors pass unchanged.
 */
export function translateS3Error(error: unknown, { address, name, act }: S3Act): WindrowError {
  if (error instanceof WindrowError) return error
  const [code, status] = [s3CodeOf(error), statusOf(error)]
  const context = { name, store: address.url, answer: code, status }
  const fail =
    (kind: 'STORE_REFUSED' | 'STORE_READ_ONLY' | 'STORE_FULL' | 'STORE_UNSAFE' | 'STORE_UNAVAILABLE') =>
    (message: string, next?: string) =>
      new WindrowError(kind, { message, cause: error, context, ...(next && { next }) })
  if (isWithoutCredentials(error))
    return fail('STORE_REFUSED')(`There is no key for ${address.url}: ${messageOf(error)}.`)
  if (code === 'NoSuchBucket') {
    return fail('STORE_UNAVAILABLE')(
      `There is no store at ${address.url}: the server knows no bucket ${address.bucket}.`,
      `Create the bucket (aws s3 mb s3://${address.bucket}), or check the address.`,
    )
  }
  if (status === 501 && act === 'write') {
    return fail('STORE_UNSAFE')(`The server of ${address.url} knows no conditional create (If-None-Match).`)
  }
  if (status === 507 || code === 'QuotaExceeded')
    return fail('STORE_FULL')(`No space for ${name} in ${address.url} (${code}).`)
  if (code === 'AccessDenied' && act === 'write' && name !== '') {
    return fail('STORE_READ_ONLY')(`The key may not write ${name} in ${address.url} (${code}).`)
  }
  const refusal = refusalOf(code, status)
  if (refusal) return fail('STORE_REFUSED')(`${address.url}: ${refusal.reason} (${code}).`, refusal.next)
  const what = name === '' ? address.url : `${name} in ${address.url}`
  return fail('STORE_UNAVAILABLE')(`Cannot ${act} ${what}: ${explain(error, { code, status })}.`)
}

interface Refusal {
  readonly reason: string
  readonly next?: string
}

/** What to check, by the server's reason. */
const refusals: Readonly<Record<string, Refusal>> = {
  RequestTimeTooSkewed: {
    reason: 'the clock of this machine and that of the store differ by more than 15 minutes',
    next: 'Set the clock of this machine (and switch its time synchronisation on).',
  },
  InvalidAccessKeyId: {
    reason: 'the store does not know the access key',
    next: 'Check AWS_ACCESS_KEY_ID, or the profile in use.',
  },
  SignatureDoesNotMatch: {
    reason: 'the secret does not belong to the access key',
    next: 'Check AWS_SECRET_ACCESS_KEY, or the profile in use.',
  },
  ExpiredToken: { reason: 'the session of the key is over', next: 'Get a new AWS_SESSION_TOKEN.' },
  AccessDenied: {
    reason: 'the key may not do this',
    next: 'Allow the key to list the bucket and to get, put and delete objects in it.',
  },
  AuthorizationHeaderMalformed: { reason: 'the region is wrong', next: 'Correct ?region=... in the address.' },
  PermanentRedirect: {
    reason: 'the bucket is in another region or at another endpoint',
    next: 'Correct ?region=... or ?endpoint=... in the address.',
  },
}

function refusalOf(code: string, status: number | undefined): Refusal | undefined {
  if (Object.hasOwn(refusals, code)) return refusals[code]
  return status === 401 || status === 403 ? { reason: 'the store refuses the key' } : undefined
}

/** Messages of the SDK are for whoever debugs it; the commonest ones are said in other words. */
function explain(error: unknown, { code, status }: { code: string; status: number | undefined }): string {
  if (status !== undefined) return `the server answers ${status} ${code}`
  const reason = connectionFaults[code]
  return reason ? `${reason} (${code})` : messageOf(error) || code
}

const connectionFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server answers at its endpoint',
  ENOTFOUND: 'the host of its endpoint is not known',
  EAI_AGAIN: 'the host of its endpoint cannot be looked up now',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  TimeoutError: 'the server does not answer in time',
}

const isWithoutCredentials = (error: unknown) =>
  error instanceof Error && ['CredentialsProviderError', 'TokenProviderError'].includes(error.name)

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { $metadata: metadata } = error
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
