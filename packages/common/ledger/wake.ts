import type { Redis } from 'ioredis'

/** The channel on which a sweep's name wakes its producer: somebody submitted, reran or resumed. */
const channel = 'windrow:wake'

/** Wakes the producers; one that is not listening right now finds out at its next pass. */
export async function wakeProducers(redis: Redis, sweep: string): Promise<void> {
  await callProducers(redis, sweep)
}

/** The same, and answers how many have heard it. */
export async function callProducers(redis: Redis, sweep: string): Promise<number> {
  return await redis.publish(channel, sweep)
}

/**
 * Calls `onWake` with the sweep's name whenever somebody wakes the producers. The connection serves nothing else. Nobody waits
 * for it: while Redis is away it listens as soon as Redis is back, and the connection's end is `onError`'s to judge.
 */
export function listenForWakes(redis: Redis, onWake: (sweep: string) => void, onError: (error: Error) => void): void {
  redis.on('message', (_channel: string, sweep: string) => onWake(sweep))
  redis.subscribe(channel).catch(onError)
}
