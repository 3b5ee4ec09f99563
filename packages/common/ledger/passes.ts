import type { Redis } from 'ioredis'

const key = (sweep: string) => `windrow:{${sweep}}:passes`

/**
 * A ledger that Redis kept from an earlier run says "settled" until a producer has held it against the store. Whoever
 * waits for a sweep forgets the passes of earlier producers first, and believes the ledger after the next one.
 */
export async function forgetPasses(redis: Redis, sweep: string): Promise<void> {
  await redis.del(key(sweep))
}

/** A producer has compared this sweep's ledger with the store. */
export async function countPass(redis: Redis, sweep: string): Promise<void> {
  await redis.incr(key(sweep))
}

/** Whether a producer has, since passes were forgotten. */
export async function hasPassed(redis: Redis, sweep: string): Promise<boolean> {
  return (await redis.exists(key(sweep))) === 1
}
