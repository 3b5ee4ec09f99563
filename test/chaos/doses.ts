/** Every kind of fault, and how often it is given to 3,000 configurations. */
export const fullDoses = {
  'worker killed': 300,
  'worker terminated': 100,
  'worker frozen past its lock': 20,
  'producer killed': 20,
  'merger killed': 33,
  'three mergers at once': 5,
  'child out of memory': 20,
  'child hangs': 20,
  'child is a fork bomb': 20,
  'output empty': 20,
  'output truncated': 64,
  'output with bits flipped': 100,
  'output with NaN': 29,
  'output misshapen': 29,
  'output of another': 29,
  'output with two results': 29,
  'disk full': 5,
  'host on which everything fails': 1,
  'commit damaged': 10,
  'Redis killed': 10,
  'Redis emptied': 3,
  'Redis without its last second': 3,
  'Redis full': 2,
  'Redis connections cut': 10,
  'operator pauses and resumes': 3,
  'operator reruns a result': 5,
} as const

export type PlannedFault = keyof typeof fullDoses

/** What becomes of single requests to the store: 5 % of them all. Also a clock that is off all the time. */
export const constantFaults = [
  'store answers 500',
  'store answers 503',
  'store cuts a PUT',
  'store is slow',
  'store does it and does not say so',
  'clock 10 minutes ahead',
] as const

export type FaultName = PlannedFault | (typeof constantFaults)[number]

/** At least once each. */
export function scaledDoses(scale: number): Record<PlannedFault, number> {
  const scaled = Object.entries(fullDoses).map(([fault, dose]) => [fault, Math.max(1, Math.round(dose * scale))])
  return Object.fromEntries(scaled) as Record<PlannedFault, number>
}
