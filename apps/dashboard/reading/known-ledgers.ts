import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { awaitRedis } from '@windrow/common/redis/connection.ts'
import type { Redis } from 'ioredis'

/** The ledgers, as far as Redis answers now. */
export interface KnownLedgers {
  readonly ledgerOf: (sweep: string) => Ledger | undefined
  /** Why there are none, for people. */
  readonly trouble?: string
}

/** A server that runs answers in milliseconds; a page must not wait for one that does not. */
const patienceMs = 1_000

/** Looks whether Redis answers; without it a page tells what the store alone knows, and says so. */
export async function lookForLedgers(redis: Redis): Promise<KnownLedgers> {
  try {
    await awaitRedis(redis, patienceMs)
  } catch (error) {
    return { ledgerOf: () => undefined, trouble: messageOf(error) }
  }
  return { ledgerOf: (sweep) => openRedisLedger(redis, sweep) }
}
