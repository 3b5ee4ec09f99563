import { createActionReader } from '@windrow/common/accounting/actions.ts'
import { describePause, type Pause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { describeSetAside, setAsideBy } from '@windrow/common/accounting/set-aside.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { currentOutages } from '@windrow/common/ledger/outages.ts'
import { hasPassed } from '@windrow/common/ledger/passes.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { isJudged } from '@windrow/common/trials/is-judged.ts'
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
  /** policy.bad_host of the sweep. */
  readonly badHost: number | undefined
}

export type FollowEnd = { readonly settled: LedgerSummary } | { readonly pausedItself: Pause }

const redisPatienceMs = 3_000

/** Actions are looked for this often: they are in the store. */
const lookForActionsEveryMs = 2_000

/**
 * Follows a sweep in its Redis until it is settled and merged, or has paused itself, showing its progress; undefined when
 * `signal` aborts.
 */
export async function followInRedis(
  { redisUrl, store, sweep, manifest, action, badHost }: FollowedSweep,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<FollowEnd | undefined> {
  const client = connectRedis(redisUrl)
  const gaveUp = new AbortController()
  let pausedItself: Pause | undefined
  const pauses = actionWatch(store, sweep, {
    say: progress.say,
    onPausedItself: (pause) => {
      pausedItself = pause
      gaveUp.abort()
    },
  })
  const ledger = openRedisLedger(client, sweep)
  try {
    const settled = await followSweep({
      ledger,
      manifest,
      judged: () => isJudged(ledger, badHost),
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
      signal: AbortSignal.any([signal, gaveUp.signal]),
    })
    if (settled) return { settled }
    return pausedItself && !signal.aborted ? { pausedItself } : undefined
  } finally {
    client.disconnect()
  }
}

interface ActionListeners {
  readonly say: (line: string) => void
  readonly onPausedItself: (pause: Pause) => void
}

/** The pause of a sweep as a reason to wait, from the store, but not at every look; hosts that are set aside are said once. */
function actionWatch(store: Store, sweep: string, { say, onPausedItself }: ActionListeners): () => Promise<string[]> {
  const reader = createActionReader(store)
  const said = new Set<string>()
  let known: string[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (systemClock.now() - lookedAt < lookForActionsEveryMs) return known
    lookedAt = systemClock.now()
    const { actions } = await reader.read(sweep)
    for (const host of setAsideBy(actions)) {
      const line = `${sweep}: ${describeSetAside(host)}; what failed there runs elsewhere.`
      if (!said.has(line)) say(line)
      said.add(line)
    }
    const pause = pauseBy(actions)
    if (pause?.fingerprint !== undefined) onPausedItself(pause)
    known = pause ? [`${sweep} is ${describePause(pause)}; windrow resume ${sweep} lets it go on.`] : []
    return known
  }
}
