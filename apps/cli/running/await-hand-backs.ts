import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import type { Clock } from '@windrow/common/time/clock.ts'

/** Given up after so long without any, and in any case after the longest. */
const patienceMs = 2_000
const longestMs = 10_000

/**
 * Waits until nothing of a sweep runs any more: workers elsewhere that were told to end together with this run hand back
 * through its Redis what they have not finished. Those that go on keep theirs, and are not waited for.
 */
export async function awaitHandBacks(redisUrl: string, sweep: string, clock: Clock): Promise<void> {
  const client = connectRedis(redisUrl)
  const startedAt = clock.now()
  let changedAt = startedAt
  let running: number | undefined
  try {
    const ledger = openRedisLedger(client, sweep)
    while (clock.now() - changedAt < patienceMs && clock.now() - startedAt < longestMs) {
      await awaitRedis(client, patienceMs)
      const now = (await ledger.summary())?.counts.running ?? 0
      if (now === 0) return
      if (now !== running) changedAt = clock.now()
      running = now
      await clock.sleep(100)
    }
  } catch (error) {
    // Nobody can hand anything back where no Redis answers.
    if (!isWindrowError(error) || !error.transient) throw error
  } finally {
    client.disconnect()
  }
}
