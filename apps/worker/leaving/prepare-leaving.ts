import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import { awaitRedis } from '@windrow/common/redis/connection.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import type { Redis } from 'ioredis'
import type { RunningSet } from '../steps/running-set.ts'
import { type LeavingState, leaveByRules } from './leave-by-rules.ts'
import { createSettledLook } from './look-whether-settled.ts'
import type { LeavingRules } from './when-to-leave.ts'

export interface LeavingSurroundings {
  readonly storeUrl: string
  readonly redis: Redis
  readonly logger: Logger
  readonly running: RunningSet
  readonly drain: (reason: string) => void
  readonly shutdown: AbortSignal
}

const answerWithinMs = 1_000

/** Has a worker end by its rules, whether or not its Redis and its store are there yet. */
export function prepareLeaving(rules: LeavingRules, surroundings: LeavingSurroundings): LeavingState {
  const { storeUrl, redis, logger } = surroundings
  const isSettled = createSettledLook({
    summaryOf: (sweep) => summaryIn(redis, sweep),
    cellsOf: async (sweep) => {
      const store = await openStore(storeUrl)
      const { plan } = await createSweepReader(store).readNewest(sweep)
      return (await readStatesInStore(store, plan)).cells
    },
    clock: systemClock,
    logger,
  })
  return leaveByRules(rules, { ...surroundings, clock: systemClock, isSettled })
}

/** A command given while Redis is away would wait for it. */
async function summaryIn(redis: Redis, sweep: string): Promise<LedgerSummary | undefined> {
  if (redis.status !== 'ready') return undefined
  try {
    await awaitRedis(redis, answerWithinMs)
    return await openRedisLedger(redis, sweep).summary()
  } catch (error) {
    if (isWindrowError(error) && error.transient) return undefined
    throw error
  }
}
