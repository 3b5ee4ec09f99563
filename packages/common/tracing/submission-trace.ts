import type { Redis } from 'ioredis'
import { translateRedisError } from '../redis/redis-health.ts'

const key = (sweep: string) => `windrow:{${sweep}}:trace`

/** So long a sweep's jobs are added in the name of its submission; after it they begin traces of their own. */
const keptS = 7 * 24 * 3_600

/** Keeps the name of the span in which a sweep was submitted, for the producer that adds its jobs. Nothing depends on it. */
export async function keepSubmissionTrace(redis: Redis, sweep: string, carried: string | undefined): Promise<void> {
  if (carried !== undefined) await translated(() => redis.set(key(sweep), carried, 'EX', keptS))
}

/** undefined when it was not traced, or long ago, or Redis was emptied since. */
export async function readSubmissionTrace(redis: Redis, sweep: string): Promise<string | undefined> {
  return (await translated(() => redis.get(key(sweep)))) ?? undefined
}

/** Another sweep of this name is another trace. */
export async function forgetSubmissionTrace(redis: Redis, sweep: string): Promise<void> {
  await translated(() => redis.del(key(sweep)))
}

async function translated<Reply>(call: () => Promise<Reply>): Promise<Reply> {
  try {
    return await call()
  } catch (error) {
    throw translateRedisError(error) ?? error
  }
}
