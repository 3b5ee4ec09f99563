import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { connectRedis } from '@windrow/common/redis/connection.ts'
import { type RedisServer, startRedisServer } from '@windrow/common/redis/embedded-server.ts'
import type { Redis } from 'ioredis'
import { testRedisProgram } from '../fixtures/redis.ts'

/** A Redis server with an append-only file that is killed and started again, and may forget. */
export interface KeptRedis {
  readonly url: string
  /** Past all proxies. */
  readonly client: Redis
  kill(): Promise<void>
  start(): Promise<void>
  /** While it is down: takes from its file what it wrote in its last second, as a machine does that loses its power. Returns how many bytes. */
  forgetLastSecond(): number
  stop(): Promise<void>
}

const noteEveryMs = 200

export async function keepRedis(directory: string): Promise<KeptRedis> {
  const program = await testRedisProgram()
  let server: RedisServer = await startRedisServer({ ...program, directory })
  let killedAt = 0
  const client = connectRedis(server.url)
  await neverRewrite(client)
  const sizes: { at: number; path: string; size: number }[] = []
  const noting = setInterval(() => {
    sizes.push({ at: Date.now(), ...logOf(directory) })
    if (sizes.length > 100) sizes.shift()
  }, noteEveryMs)
  return {
    url: server.url,
    client,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      killedAt = Date.now()
      await server.ended
    },
    async start() {
      server = await startRedisServer({ ...program, directory })
      await neverRewrite(client)
    },
    forgetLastSecond() {
      const { path, size } = logOf(directory)
      const before = sizes.findLast((noted) => noted.at <= killedAt - 1_000 && noted.path === path)?.size ?? 0
      truncateSync(path, before)
      return size - before
    },
    async stop() {
      clearInterval(noting)
      client.disconnect()
      await server.stop()
    },
  }
}

/** Its file only grows: what it was a second ago is its beginning. */
const neverRewrite = (client: Redis) => client.config('SET', 'auto-aof-rewrite-percentage', '0')

function logOf(directory: string): { path: string; size: number } {
  const folder = join(directory, 'appendonlydir')
  const name = readdirSync(folder).find((file) => file.endsWith('.incr.aof'))
  if (name === undefined) throw new Error(`Redis keeps no append-only file in ${folder}`)
  const path = join(folder, name)
  return { path, size: statSync(path).size }
}
