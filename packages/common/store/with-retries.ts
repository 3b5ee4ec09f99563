import { isWindrowError } from '../errors/windrow-error.ts'
import type { Clock } from '../time/clock.ts'
import type { Randomness } from '../time/randomness.ts'
import type { Store, StoredObject } from './store.ts'

export interface StoreRetries {
  readonly clock: Clock
  readonly randomness: Randomness
  /** How often a call is repeated before its error is passed on. */
  readonly retries: number
  /** The longest pause before the first repetition; it doubles with each, up to `longestPauseMs`. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** Repeats nothing any more once it aborts. */
  readonly signal?: AbortSignal
}

/**
 * The store, with calls repeated that failed for a reason that may pass. A `create` that had its effect and was reported as
 * failed comes back as 'exists': whoever must know reads the object. A listing is only repeated until it has yielded.
 */
export function withRetries(store: Store, retries: StoreRetries): Store {
  return {
    url: store.url,
    create: (name, bytes) => retried(() => store.create(name, bytes), retries),
    createFromFile: (name, path) => retried(() => store.createFromFile(name, path), retries),
    read: (name) => retried(() => store.read(name), retries),
    readToFile: (name, path) => retried(() => store.readToFile(name, path), retries),
    list: (prefix) => listRetried(store, prefix, retries),
    folders: (prefix) => retried(() => store.folders(prefix), retries),
    remove: (name) => retried(() => store.remove(name), retries),
  }
}

async function* listRetried(store: Store, prefix: string, retries: StoreRetries): AsyncIterable<StoredObject> {
  const { objects, first } = await retried(async () => {
    const objects = store.list(prefix)[Symbol.asyncIterator]()
    return { objects, first: await objects.next() }
  }, retries)
  try {
    for (let next = first; !next.done; next = await objects.next()) yield next.value
  } finally {
    // A reader that stops early must not leave a folder or a connection open.
    await objects.return?.()
  }
}

async function retried<Result>(call: () => Promise<Result>, retries: StoreRetries): Promise<Result> {
  for (let repetition = 0; ; repetition++) {
    try {
      return await call()
    } catch (error) {
      const isOver = repetition >= retries.retries || retries.signal?.aborted
      if (isOver || !isWindrowError(error) || !error.transient) throw error
    }
    await retries.clock.sleep(pauseMs(repetition, retries), retries.signal)
  }
}

/** Full jitter: many workers that lost the same store do not come back in step. */
function pauseMs(repetition: number, { randomness, firstPauseMs, longestPauseMs }: StoreRetries): number {
  return randomness.uniform() * Math.min(firstPauseMs * 2 ** repetition, longestPauseMs)
}
