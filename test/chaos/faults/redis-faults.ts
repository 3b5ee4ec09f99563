import type { Field } from '../field.ts'
import { pause } from '../pause.ts'

type Ground = Pick<Field, 'redis' | 'redisProxy' | 'chance' | 'journal' | 'watch'>

/** SIGKILL, and a start on the same file: no more than what was in flight is in doubt. */
export async function killRedis(ground: Ground, signal: AbortSignal): Promise<void> {
  ground.journal.dose('Redis killed', {}, ground.watch.runningKeys())
  await outage(ground, signal)
}

/** What a machine that loses its power loses with `appendfsync everysec`. */
export async function rewindRedis(ground: Ground, signal: AbortSignal): Promise<void> {
  const { journal, redis, watch } = ground
  journal.dose('Redis without its last second', {}, watch.runningKeys())
  await outage(ground, signal, () => journal.note('Redis forgot', { bytes: redis.forgetLastSecond() }))
}

async function outage(ground: Ground, signal: AbortSignal, meanwhile?: () => void): Promise<void> {
  await ground.redis.kill()
  meanwhile?.()
  await pause(ground.chance.between(100, 1_500), signal)
  await ground.redis.start()
}

/** FLUSHALL: ledger, queue and all. */
export async function emptyRedis({ journal, redis, watch }: Ground): Promise<void> {
  journal.dose('Redis emptied', {}, watch.runningKeys())
  await redis.client.flushall()
}

/** No room for anything more. */
export async function fillRedis({ journal, redis, watch, chance }: Ground, signal: AbortSignal): Promise<void> {
  journal.dose('Redis full', {}, watch.runningKeys())
  await redis.client.config('SET', 'maxmemory', '1mb')
  await pause(chance.between(1_000, 2_500), signal)
  await redis.client.config('SET', 'maxmemory', '0')
}

/** All connections at once. */
export async function cutRedis({ journal, redisProxy, watch }: Ground): Promise<void> {
  journal.dose('Redis connections cut', {}, watch.runningKeys())
  redisProxy.cut()
}
