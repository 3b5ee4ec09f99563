import type { Redis } from 'ioredis'

const key = (sweep: string) => `windrow:{${sweep}}:passes`

/**
 * A ledger that Redis kept from an earlier run says "settled" until a producer has held it against the store. Whoever
 * waits for a sweep forgets the passes of earlier producers first, and believes the ledger after the next one.
 */
export async function forgetPasses(redis: Redis, sweep: string): Promise<void> {
  await redis.del(key(sweep))
}

/** A producer has compared this sweep's ledger with the store, heeding the operators' actions up to the one named. */
export async function recordPass(redis: Redis, sweep: string, newestAction: string): Promise<void> {
  await redis.set(key(sweep), newestAction)
}

/** Whether a producer has, since passes were forgotten; with `action` one that has heeded it. */
export async function hasPassed(redis: Redis, sweep: string, action = ''): Promise<boolean> {
  const heeded = await redis.get(key(sweep))
  return heeded !== null && heeded >= action
}
