import type { Redis } from 'ioredis'
import { z } from 'zod'

const key = 'windrow:outages'
const entrySchema = z.object({ reason: z.string(), at: z.number() })

/** A worker that has gone silent for so long says nothing any more. */
const forgottenAfterMs = 60_000

/** Says that a worker waits for something that is away; repeated at every beat while it does. */
async function reportOutage(redis: Redis, worker: string, outage: { reason: string; at: number }): Promise<void> {
  await redis.hset(key, worker, JSON.stringify(outage))
}

/** Says what somebody waits for, or (undefined) that he no longer does. `onError` hears when that cannot be said. */
export async function tellOutage(
  redis: Redis,
  who: string,
  outage: { reason: string | undefined; at: number; onError: (error: unknown) => void },
): Promise<void> {
  const { reason, at, onError } = outage
  try {
    if (reason === undefined) await endOutage(redis, who)
    else await reportOutage(redis, who, { reason, at })
  } catch (error) {
    onError(error)
  }
}

/** Takes the word back. */
async function endOutage(redis: Redis, worker: string): Promise<void> {
  await redis.hdel(key, worker)
}

/** What workers are waiting for right now, each reason once. */
export async function currentOutages(redis: Redis, now: number): Promise<string[]> {
  const entries = Object.values(await redis.hgetall(key)).map((text) => entrySchema.parse(JSON.parse(text)))
  return [...new Set(entries.filter(({ at }) => now - at < forgottenAfterMs).map(({ reason }) => reason))].sort()
}
