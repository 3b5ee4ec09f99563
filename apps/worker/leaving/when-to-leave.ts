/** When a worker ends by itself; it stays where no rule applies. */
export interface LeavingRules {
  /** When this sweep is settled. */
  readonly doneSweep?: string | undefined
  /** When nothing has run here for so long. */
  readonly idleMs?: number | undefined
  /** After so long, whatever runs. */
  readonly drainAfterMs?: number | undefined
}

export interface LeavingFacts {
  readonly now: number
  readonly startedAt: number
  /** When something last ran here; the start, before anything has. */
  readonly busyAt: number
  /** Attempts that run here. */
  readonly running: number
  /** The sweep of `doneSweep` is settled. */
  readonly isSettled: boolean
}

export type Leaving =
  | { readonly kind: 'stay' }
  /** Takes nothing new; what runs here still ends and is committed. */
  | { readonly kind: 'finish'; readonly reason: string }
  /** Nothing runs here: it leaves, and all is well. */
  | { readonly kind: 'leave'; readonly reason: string }
  /** What runs here is handed back. */
  | { readonly kind: 'drain'; readonly reason: string }

/** What a worker does by its rules. Its time being up counts before everything else: its host may be taken away. */
export function whenToLeave({ doneSweep, idleMs, drainAfterMs }: LeavingRules, facts: LeavingFacts): Leaving {
  const { now, startedAt, busyAt, running, isSettled } = facts
  if (drainAfterMs !== undefined && now - startedAt >= drainAfterMs) {
    return { kind: 'drain', reason: `its time is up (--drain-after, ${inSeconds(drainAfterMs)})` }
  }
  if (doneSweep !== undefined && isSettled) {
    return { kind: running > 0 ? 'finish' : 'leave', reason: `${doneSweep} is settled (--exit-when-done)` }
  }
  if (idleMs !== undefined && running === 0 && now - busyAt >= idleMs) {
    return { kind: 'leave', reason: `nothing came for ${inSeconds(idleMs)} (--exit-when-idle)` }
  }
  return { kind: 'stay' }
}

const inSeconds = (ms: number) => `${ms / 1000} s`
