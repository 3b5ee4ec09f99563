import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

/** A Lua script: what it is sent as, and the digest under which Redis knows it. */
export interface RedisScript {
  readonly lua: string
  readonly digest: string
}

export const redisScript = (lua: string): RedisScript => ({ lua, digest: createHash('sha1').update(lua).digest('hex') })

/** Runs a script, sending its text only when Redis does not have it (after a restart it does not). */
export async function runScript(
  redis: Redis,
  { lua, digest }: RedisScript,
  { keys, args }: { keys: readonly string[]; args: readonly (string | number | Buffer)[] },
): Promise<unknown> {
  try {
    return await redis.evalsha(digest, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return await redis.eval(lua, keys.length, ...keys, ...args)
  }
}
