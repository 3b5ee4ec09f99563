import type { Clock } from '@windrow/common/time/clock.ts'

export interface WakeablePause {
  wake: (sweep: string) => void
  /** Waits `ms`, less when somebody wakes it or the service drains; returns who was woken since the last pause. */
  pause: (ms: number) => Promise<ReadonlySet<string>>
}

export function createWakeablePause(clock: Clock, shutdown: AbortSignal): WakeablePause {
  let woken = new Set<string>()
  let interrupt = new AbortController()
  return {
    wake(sweep) {
      woken.add(sweep)
      interrupt.abort()
    },
    async pause(ms) {
      await clock.sleep(ms, AbortSignal.any([shutdown, interrupt.signal]))
      const since = woken
      woken = new Set()
      interrupt = new AbortController()
      return since
    },
  }
}
