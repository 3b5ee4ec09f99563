import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectRedis } from '@windrow/common/redis/connection.ts'
import { startRedisServer } from '@windrow/common/redis/embedded-server.ts'
import { findRedisServer, type RedisProgram } from '@windrow/common/redis/find-server.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import type { Redis } from 'ioredis'

/** Runs `measure` on a fresh Redis server, set up as `windrow run` sets up its own, and ends the server. */
export async function onFreshRedis<Result>(
  folder: string,
  measure: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  return await onFreshRedisServer(folder, async (url) => {
    const redis = connectRedis(url)
    try {
      return await measure(redis)
    } finally {
      redis.disconnect()
    }
  })
}

/** The same for processes that connect by themselves. */
export async function onFreshRedisServer<Result>(
  folder: string,
  measure: (url: string) => Promise<Result>,
): Promise<Result> {
  const directory = join(folder, `redis-${systemRandomness.id()}`)
  const server = await startRedisServer({ ...(await redisProgram()), directory })
  try {
    return await measure(server.url)
  } finally {
    await server.stop()
  }
}

/** The server program, as the set-up has left it. REDIS_MISSING. */
export function redisProgram(): Promise<RedisProgram> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  return findRedisServer({ path: process.env.PATH ?? '', condaPrefix: process.env.CONDA_PREFIX, root })
}
