import type { Redis } from 'ioredis'

/** The channel on which a sweep's name wakes its producer: somebody submitted, reran or resumed. */
const channel = 'windrow:wake'

/** Wakes the producers; one that is not listening right now finds out at its next pass. */
export async function wakeProducers(redis: Redis, sweep: string): Promise<void> {
  await redis.publish(channel, sweep)
}

/** Calls `onWake` with the sweep's name whenever somebody wakes the producers. The connection serves nothing else. */
export async function listenForWakes(redis: Redis, onWake: (sweep: string) => void): Promise<void> {
  redis.on('message', (_channel: string, sweep: string) => onWake(sweep))
  await redis.subscribe(channel)
}
