import type { Chance } from '../simulation/chance.ts'
import type { PlannedFault } from './doses.ts'

/** A dose of a fault, due when this part of the configurations has come to its end. */
export interface PlannedDose {
  readonly fault: PlannedFault
  /** Which dose of this fault it is, from 0. */
  readonly nth: number
  readonly at: number
}

/** After it nothing new begins but the last fault: what is to be noticed must be so before. */
const lastStart = 0.93

/** What needs a merge, or many attempts, to be noticed comes early. */
const latest: Partial<Record<PlannedFault, number>> = {
  'host on which everything fails': 0.4,
  'commit damaged': 0.8,
  'merger killed': 0.8,
  'three mergers at once': 0.8,
  'operator reruns a result': 0.8,
  'operator pauses and resumes': 0.7,
}

/** Commits must be there before they can be damaged, merged or run again. */
const earliest: Partial<Record<PlannedFault, number>> = {
  'commit damaged': 0.1,
  'merger killed': 0.05,
  'three mergers at once': 0.05,
  'operator reruns a result': 0.1,
}

/** Spreads the doses of every fault over the sweep: one in each of as many equal parts of it, somewhere. */
export function plannedDoses(doses: Readonly<Record<PlannedFault, number>>, chance: Chance): PlannedDose[] {
  const planned = (Object.entries(doses) as [PlannedFault, number][]).flatMap(([fault, count]) => {
    const from = earliest[fault] ?? 0.01
    const width = ((latest[fault] ?? lastStart) - from) / Math.max(1, count)
    return Array.from({ length: count }, (_, nth) => ({ fault, nth, at: from + width * (nth + chance.uniform()) }))
  })
  return planned.sort((a, b) => a.at - b.at)
}
