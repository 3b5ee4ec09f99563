import type { FailureRow, Trials } from './trials.ts'

/** A sweep none of whose configurations is committed is paused after so many failures in a row that are all alike ... */
export const alikeAtFirst = 20
/** ... any other after so many. */
const alikeInARow = 50

/** How a sweep stands when its trials are judged. */
export interface SweepOnTrial {
  readonly total: number
  /** Attempts a configuration has. */
  readonly attempts: number
  readonly committed: number
  readonly open: number
  /** Hosts on which attempts run now. */
  readonly runningOn: readonly string[]
}

/**
 * The row of failures for which a sweep is to pause itself; undefined when it may go on. Every host that runs something of it
 * must have failed in that row: one whose first attempt takes longer may yet succeed. Hosts that are set aside prove
 * nothing, nor does a sweep that is nearly over or too small.
 */
export function rowThatPauses(trials: Trials, sweep: SweepOnTrial): FailureRow | undefined {
  const { row, hosts } = trials
  if (!row || sweep.open === 0 || sweep.total * sweep.attempts < alikeAtFirst) return undefined
  if (row.failures < (sweep.committed === 0 ? alikeAtFirst : alikeInARow)) return undefined
  const aside = new Set(hosts.filter(({ isSetAside }) => isSetAside).map(({ host }) => host))
  if (row.hosts.every((host) => aside.has(host))) return undefined
  return sweep.runningOn.every((host) => aside.has(host) || row.hosts.includes(host)) ? row : undefined
}

/** Whether a failure is the one after which somebody should judge; later ones are noticed in passing. */
export function asksForJudgement(
  { inARow, onHost }: { readonly inARow: number; readonly onHost: number },
  after: number | undefined,
): boolean {
  return inARow === alikeAtFirst || inARow === alikeInARow || onHost === after
}
