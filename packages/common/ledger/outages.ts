import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Clock } from '../time/clock.ts'

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

/** Somebody's word of what it waits for. It is forgotten when it is not repeated. */
export interface OutageWord {
  /** Says what it waits for, or (undefined) that it no longer does. */
  say(reason: string | undefined): Promise<void>
  /** Says it once more, if there is anything to be said. */
  repeat(): Promise<void>
}

/** The word of `who`; `onError` hears when it cannot be given. */
export function createOutageWord(
  redis: Redis,
  who: string,
  { clock, onError }: { clock: Pick<Clock, 'now'>; onError: (error: unknown) => void },
): OutageWord {
  let current: string | undefined
  const tell = () => tellOutage(redis, who, { reason: current, at: clock.now(), onError })
  return {
    async say(reason) {
      if (reason === undefined && current === undefined) return
      current = reason
      await tell()
    },
    async repeat() {
      if (current !== undefined) await tell()
    },
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
