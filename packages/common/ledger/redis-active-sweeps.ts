import type { Redis } from 'ioredis'
import { z } from 'zod'
import { translateRedisError } from '../redis/redis-health.ts'
import { type ActiveSweeps, oldestFirst } from './active-sweeps.ts'

/** A hash: sweep -> JSON of the rest. */
const key = 'windrow:sweeps'

const entrySchema = z.object({ submittedAt: z.number(), optimizer: z.string() })

/** Active sweeps in Redis. The connection may be shared; it is not closed. */
export function openRedisActiveSweeps(redis: Redis): ActiveSweeps {
  return {
    add: async (sweep, submittedAt, optimizer) => {
      await translated(() => redis.hsetnx(key, sweep, JSON.stringify({ submittedAt, optimizer })))
    },
    list: async () => {
      const fields = await translated(() => redis.hgetall(key))
      return Object.entries(fields)
        .map(([sweep, entry]) => ({ sweep, ...entrySchema.parse(JSON.parse(entry)) }))
        .sort(oldestFirst)
    },
    remove: async (sweep) => {
      await translated(() => redis.hdel(key, sweep))
    },
  }
}

async function translated<Reply>(call: () => Promise<Reply>): Promise<Reply> {
  try {
    return await call()
  } catch (error) {
    throw translateRedisError(error) ?? error
  }
}
