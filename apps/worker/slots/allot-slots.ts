export interface SweepDemand {
  readonly sweep: string
  readonly waiting: number
  /** Jobs of the sweep that run on this worker now. */
  readonly running: number
}

/**
 * Shares a worker's slots among sweeps, given oldest first: what runs keeps its slot, free slots go to the oldest sweep
 * that has work waiting, and slots that nobody asks for stand ready for the oldest.
 */
export function allotSlots(slots: number, demands: readonly SweepDemand[]): Map<string, number> {
  const allotted = new Map(demands.map(({ sweep, running }) => [sweep, running]))
  let free = Math.max(0, slots - demands.reduce((sum, { running }) => sum + running, 0))
  for (const { sweep, waiting, running } of demands) {
    const more = Math.min(free, waiting)
    allotted.set(sweep, running + more)
    free -= more
  }
  const oldest = demands[0]
  if (oldest) allotted.set(oldest.sweep, allotted.get(oldest.sweep)! + free)
  return allotted
}
