import type { HostStreak, Trials } from './trials.ts'

/** A host that fails by itself, and what shows it. */
export interface BadHost {
  readonly streak: HostStreak
  /** Attempts that succeeded on other hosts meanwhile. */
  readonly succeededElsewhere: number
}

/** Elsewhere at least so many attempts have to succeed for one that fails: a sweep that fails everywhere has no bad host. */
const successesForAFailure = 3

/**
 * The hosts that are to be set aside: `after` different configurations in a row have failed there, while on other hosts at least
 * three attempts succeeded for each that failed. Other hosts that fail like it are not counted against it. The newest success
 * must be of a host in good order: one is left that does the work, and the last one is never set aside.
 */
export function badHosts(trials: Trials, after: number | undefined): BadHost[] {
  if (after === undefined) return []
  const suspects = trials.hosts.filter(
    ({ isSetAside, configurations }) => !isSetAside && configurations.length >= after,
  )
  const inTrouble = [...suspects, ...trials.hosts.filter(({ isSetAside }) => isSetAside)]
  if (inTrouble.some(({ host }) => host === trials.lastSuccessOn)) return []
  return suspects
    .map((streak) => ({ streak, succeededElsewhere: trials.succeeded - streak.successesBefore }))
    .filter(({ streak, succeededElsewhere }) => {
      const alike = trials.hosts.filter(
        (other) => suspects.includes(other) || (other.isSetAside && other.id >= streak.id),
      )
      const failedAlike = alike.reduce((sum, { failures }) => sum + failures, 0)
      const failedElsewhere = Math.max(0, trials.failed - streak.id - failedAlike)
      return succeededElsewhere > 0 && succeededElsewhere >= successesForAFailure * failedElsewhere
    })
}
