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

export interface WakeListener {
  /** Somebody wakes the producers of this sweep. */
  readonly onWake: (sweep: string) => void
  /** Redis was away: who called meanwhile was not heard, and what it had acknowledged last may be gone. */
  readonly onReturn: () => void
  readonly onError: (error: Error) => void
}

/**
 * Listens for those who wake the producers, on a connection that serves nothing else. Nobody waits for it: while Redis is
 * away it listens as soon as Redis is back, and the connection's end is `onError`'s to judge.
 */
export function listenForWakes(redis: Redis, { onWake, onReturn, onError }: WakeListener): void {
  let wasThere = redis.status === 'ready'
  redis.on('ready', () => {
    if (wasThere) onReturn()
    wasThere = true
  })
  redis.on('message', (_channel: string, sweep: string) => onWake(sweep))
  redis.subscribe(channel).catch(onError)
}
