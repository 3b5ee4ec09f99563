import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { storeOfLeaderUrl } from '@windrow/common/cluster/leader-url.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweep, ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { drainedStatus } from '@windrow/common/processes/drained-status.ts'
import { durationFlag, type StartingService } from '@windrow/common/processes/service.ts'
import { awaitRedis } from '@windrow/common/redis/connection.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import type { Redis } from 'ioredis'
import type { RunningSet } from '../steps/running-set.ts'
import { type LeavingState, leaveByRules } from './leave-by-rules.ts'
import { createSettledLook } from './look-whether-settled.ts'
import { workRemains } from './work-remains.ts'

/** The flags by which a worker ends by itself. */
export const endFlags = { 'exit-when-done': 'text', 'exit-when-idle': 'text', 'drain-after': 'text' } as const

/** The end of a worker: when it comes, and what its exit status says. */
export interface WorkerEnd {
  /** From its start on, whether or not its Redis and its store are there yet. */
  readonly begin: (starting: StartingService<typeof endFlags>) => void
  /** False when it ends as soon as what runs here has ended. */
  readonly takesWork: boolean
  /** The same sweeps; what is asked of them is noted for the exit status. */
  readonly noting: (active: ActiveSweeps, isMine: (sweep: ActiveSweep) => boolean) => Pick<ActiveSweeps, 'list'>
  /** After the last attempt: looks whether work remains. */
  readonly lookBack: (redis: Redis) => Promise<void>
  /** 4 when it was drained while work remained, else as its service ended. */
  readonly statusOf: (serviceStatus: number) => number
}

const answerWithinMs = 1_000

export function createWorkerEnd(running: RunningSet): WorkerEnd {
  let leaving: LeavingState | undefined
  let remains = false
  let listMine: () => Promise<readonly ActiveSweep[]> = async () => []
  return {
    begin(starting) {
      // Where somebody is to lead a cluster there is work, until one knows better.
      remains = storeOfLeaderUrl(starting.redisUrl) !== undefined
      leaving = beginLeaving(starting, running)
    },
    get takesWork() {
      return leaving?.takesWork !== false
    },
    noting(active, isMine) {
      listMine = async () => (await active.list()).filter(isMine)
      return {
        async list() {
          const sweeps = await active.list()
          remains = sweeps.some(isMine)
          return sweeps
        },
      }
    },
    async lookBack(redis) {
      const ledgerOf = (sweep: string) => openRedisLedger(redis, sweep)
      const ports = { awaitRedis: () => awaitRedis(redis, answerWithinMs), sweeps: () => listMine(), ledgerOf }
      remains = (await workRemains(ports)) ?? remains
    },
    statusOf: (serviceStatus) =>
      serviceStatus === 0 && remains && !leaving?.isContent ? drainedStatus : serviceStatus,
  }
}

function beginLeaving(starting: StartingService<typeof endFlags>, running: RunningSet): LeavingState {
  const { flags, storeUrl, redis, logger } = starting
  const duration = (name: 'exit-when-idle' | 'drain-after') =>
    flags[name] === undefined ? undefined : durationFlag(name, flags[name], 0)
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
  const rules = {
    doneSweep: flags['exit-when-done'],
    idleMs: duration('exit-when-idle'),
    drainAfterMs: duration('drain-after'),
  }
  return leaveByRules(rules, { ...starting, running, clock: systemClock, isSettled })
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
