import type { Action } from '../records/action.ts'

/** A host that takes no jobs of a sweep, since when, and why. */
export interface SetAside {
  readonly host: string
  readonly since: string
  readonly reason: string
}

/** The hosts that are set aside, in the order in which they were; `resume` takes them all in again. */
export function setAsideBy(actions: readonly Action[]): SetAside[] {
  const held = new Map<string, SetAside>()
  for (const { action, host, at, reason = '' } of actions) {
    if (action === 'set-aside' && host !== undefined && !held.has(host)) held.set(host, { host, since: at, reason })
    if (action === 'resume') held.clear()
  }
  return [...held.values()]
}

/** `host node7 is set aside since 2026-01-15 12:00 UTC (10 different configurations ...)`. */
export function describeSetAside({ host, since, reason }: SetAside): string {
  return `host ${host} is set aside since ${since.slice(0, 16).replace('T', ' ')} UTC (${reason})`
}
