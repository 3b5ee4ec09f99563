import type { Clock } from '@windrow/common/time/clock.ts'

/** The sweeps that somebody called for. */
export type Woken = Pick<ReadonlySet<string>, 'has'>

export interface WakeablePause {
  wake: (sweep: string) => void
  /** Wakes every sweep. */
  wakeAll: () => void
  /** Waits `ms`, less when somebody wakes it or the service drains; returns who was woken since the last pause. */
  pause: (ms: number) => Promise<Woken>
}

export function createWakeablePause(clock: Clock, shutdown: AbortSignal): WakeablePause {
  let woken = new Set<string>()
  let areAllWoken = false
  let interrupt = new AbortController()
  return {
    wake(sweep) {
      woken.add(sweep)
      interrupt.abort()
    },
    wakeAll() {
      areAllWoken = true
      interrupt.abort()
    },
    async pause(ms) {
      await clock.sleep(ms, AbortSignal.any([shutdown, interrupt.signal]))
      const since = areAllWoken ? { has: () => true } : woken
      woken = new Set()
      areAllWoken = false
      interrupt = new AbortController()
      return since
    },
  }
}
