import { isWindrowError } from '../errors/windrow-error.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { systemClock } from '../time/clock.ts'

const lookEveryMs = 2_000

/**
 * Opens the store of a cluster, which its leader may only be about to make, or whose file system may not be mounted yet.
 * What it waits for is said by the connection to the leader, which looks there too. undefined when `shutdown` aborts before.
 */
export async function openAwaitedStore(url: string, shutdown: AbortSignal): Promise<Store | undefined> {
  while (!shutdown.aborted) {
    try {
      return await openStore(url)
    } catch (error) {
      if (!isWindrowError(error, 'STORE_UNAVAILABLE')) throw error
    }
    await systemClock.sleep(lookEveryMs, shutdown)
  }
  return undefined
}
