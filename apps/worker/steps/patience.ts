import { errorCatalogue } from '@windrow/common/errors/catalogue.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { Randomness } from '@windrow/common/time/randomness.ts'
import type { OutageGate } from './outage-gate.ts'

/** Thrown when the worker drains while a step waits for an outage to end. */
export class DrainingError extends Error {
  constructor() {
    super('the worker drains while the store is away')
    this.name = 'DrainingError'
  }
}

export interface Patience {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly gate: OutageGate
  readonly shutdown: AbortSignal
  /** Called once, when the first try failed. */
  readonly onOutage?: (error: unknown) => Promise<void>
}

const firstPauseMs = 100
const longestPauseMs = 10_000

/**
 * Repeats a store call through an outage, with jittered backoff from 0.1 s to 10 s, the gate shut meanwhile. An outage
 * never costs an attempt. Throws DrainingError when the worker drains, and at once whatever is not an outage.
 */
export async function patiently<T>(patience: Patience, call: () => Promise<T>): Promise<T> {
  let release: (() => void) | undefined
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await call()
      } catch (error) {
        if (!isWindrowError(error) || !error.transient) throw error
        if (!release) {
          release = patience.gate.shut(`${errorCatalogue[error.code].meaning} ${error.message}`)
          await patience.onOutage?.(error)
        }
        if (patience.shutdown.aborted) throw new DrainingError()
        const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries, 10))
        await patience.clock.sleep(pause * (0.5 + patience.randomness.uniform() / 2), patience.shutdown)
      }
    }
  } finally {
    release?.()
  }
}
