import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { openStates, stateOfCell } from '@windrow/common/ledger/states.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { Clock } from '@windrow/common/time/clock.ts'

export interface SettledPorts {
  /** The ledger of a sweep; undefined when there is none or its Redis does not answer. */
  readonly summaryOf: (sweep: string) => Promise<LedgerSummary | undefined>
  /** The states that the store alone knows, one byte a configuration. */
  readonly cellsOf: (sweep: string) => Promise<Uint8Array>
  readonly clock: Clock
  readonly logger: Logger
}

/** A store with many results is not listed more often than this, and ever more rarely while nothing comes of it. */
const firstPauseMs = 1_000
const longestPauseMs = 60_000

/**
 * Whether a sweep is settled: every configuration committed, dead or cancelled. A ledger that knows of open ones is
 * believed; otherwise the store is asked, which also knows when whoever led the sweep has gone home. A sweep that the
 * store does not know yet is not settled, nor is one whose store is away.
 */
export function createSettledLook({
  summaryOf,
  cellsOf,
  clock,
  logger,
}: SettledPorts): (sweep: string) => Promise<boolean> {
  let nextAt = Number.NEGATIVE_INFINITY
  let pauseMs = firstPauseMs
  let told: string | undefined
  return async (sweep) => {
    const summary = await summaryOf(sweep)
    if (summary && openIn(summary) > 0) {
      nextAt = Number.NEGATIVE_INFINITY
      pauseMs = firstPauseMs
      return false
    }
    if (clock.now() < nextAt) return false
    nextAt = clock.now() + pauseMs
    pauseMs = Math.min(longestPauseMs, 2 * pauseMs)
    try {
      return (await cellsOf(sweep)).every((cell) => !openStates.includes(stateOfCell(cell)))
    } catch (error) {
      // What is away is told by those who wait for it.
      if (isWindrowError(error, 'SWEEP_UNKNOWN') || (isWindrowError(error) && error.transient)) return false
      const reason = messageOf(error)
      if (reason !== told) logger.warn({ err: error, sweep }, `cannot see whether ${sweep} is settled: ${reason}`)
      told = reason
      return false
    }
  }
}

const openIn = ({ counts }: LedgerSummary) => openStates.reduce((sum, state) => sum + counts[state], 0)
