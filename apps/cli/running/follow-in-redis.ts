import { createActionReader } from '@windrow/common/accounting/actions.ts'
import { describePause, pauseBy } from '@windrow/common/accounting/pause.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { currentOutages } from '@windrow/common/ledger/outages.ts'
import { hasPassed } from '@windrow/common/ledger/passes.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { followSweep } from './follow-sweep.ts'
import type { Progress } from './progress-line.ts'

export interface FollowedSweep {
  readonly redisUrl: string
  readonly store: Store
  readonly sweep: string
  /** The ledger is believed when it has been brought up to this manifest ... */
  readonly manifest: number
  /** ... and a producer has heeded this action. */
  readonly action?: string | undefined
}

const redisPatienceMs = 3_000

/** A pause is looked for this often: it is in the store. */
const lookForPauseEveryMs = 2_000

/** Follows a sweep in its Redis until it is settled and merged, showing its progress; undefined when `signal` aborts. */
export async function followInRedis(
  { redisUrl, store, sweep, manifest, action }: FollowedSweep,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<LedgerSummary | undefined> {
  const client = connectRedis(redisUrl)
  const pauses = pauseWatch(store, sweep)
  try {
    return await followSweep({
      ledger: openRedisLedger(client, sweep),
      manifest,
      reconciled: async () => {
        // A command waits for as long as Redis is away, and nobody would hear why.
        await awaitRedis(client, redisPatienceMs)
        return await hasPassed(client, sweep, action)
      },
      outages: async () => [...(await currentOutages(client, systemClock.now())), ...(await pauses())],
      clock: systemClock,
      everyMs: 250,
      onProgress: progress.show,
      onOutage: (reason) => progress.say(reason ? `Waiting: ${reason} Nothing is lost meanwhile.` : 'Going on.'),
      signal,
    })
  } finally {
    client.disconnect()
  }
}

/** The pause of a sweep as a reason to wait, from the store, but not at every look. */
function pauseWatch(store: Store, sweep: string): () => Promise<string[]> {
  const reader = createActionReader(store)
  let known: string[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (systemClock.now() - lookedAt < lookForPauseEveryMs) return known
    lookedAt = systemClock.now()
    const pause = pauseBy((await reader.read(sweep)).actions)
    known = pause ? [`${sweep} is ${describePause(pause)}; windrow resume ${sweep} lets it go on.`] : []
    return known
  }
}
