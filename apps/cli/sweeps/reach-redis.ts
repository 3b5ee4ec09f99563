import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { wakeProducers } from '@windrow/common/ledger/wake.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'

/** The Redis of a context, as far as it can be reached. */
export interface ReachedRedis {
  /** undefined when Redis does not run or does not answer. */
  readonly ledgerOf: ((sweep: string) => Ledger) | undefined
  /** Tells the producer that there is something to do; undefined where nobody listens. */
  readonly wake: ((sweep: string) => Promise<void>) | undefined
  /** Why there is none, for people. */
  readonly why: string | undefined
  /** Redis should answer, but does not: worth a warning. */
  readonly failed: boolean
  close(): void
}

/** A server that runs answers in milliseconds; one that does not must not keep anybody waiting. */
const patienceMs = 2_000

/** Reaches the Redis at `url`; read-only commands go on without it, and say so. Throws USAGE for a URL that is none. */
export async function reachRedis(url: string | undefined): Promise<ReachedRedis> {
  if (url === undefined) {
    return { ledgerOf: undefined, wake: undefined, why: 'no Redis is running', failed: false, close: () => undefined }
  }
  const redis = connectRedis(url)
  try {
    await awaitRedis(redis, patienceMs)
  } catch (error) {
    redis.disconnect()
    if (!isWindrowError(error)) throw error
    return { ledgerOf: undefined, wake: undefined, why: error.message, failed: true, close: () => undefined }
  }
  return {
    ledgerOf: (sweep) => openRedisLedger(redis, sweep),
    wake: (sweep) => wakeProducers(redis, sweep),
    why: undefined,
    failed: false,
    close: () => redis.disconnect(),
  }
}
