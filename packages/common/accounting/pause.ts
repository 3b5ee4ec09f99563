import type { Action } from '../records/action.ts'

/** Who paused a sweep, when, and why. */
export interface Pause {
  readonly by: string
  readonly since: string
  readonly reason?: string
  /** The sweep paused itself: what its failures have in common. */
  readonly fingerprint?: string
  readonly example?: Action['example']
}

/** The pause that holds; undefined when none does. Pausing what is paused changes nothing, the first pause counts. */
export function pauseBy(actions: readonly Action[]): Pause | undefined {
  let held: Pause | undefined
  for (const { action, by, at, reason, fingerprint, example } of actions) {
    if (action === 'pause') {
      held ??= {
        ...{ by, since: at, ...(reason !== undefined && { reason }) },
        ...(fingerprint !== undefined && { fingerprint, ...(example && { example }) }),
      }
    }
    if (action === 'resume') held = undefined
  }
  return held
}

/** `paused by anna@desk since 2026-01-15 12:00 UTC (maintenance)`. */
export function describePause({ by, since, reason }: Pause): string {
  const why = reason === undefined ? '' : ` (${reason})`
  return `paused by ${by} since ${since.slice(0, 16).replace('T', ' ')} UTC${why}`
}
