import { type ActiveSweep, type ActiveSweeps, oldestFirst } from './active-sweeps.ts'

/** Active sweeps in memory, for tests and simulations. */
export function createMemoryActiveSweeps(): ActiveSweeps {
  const sweeps = new Map<string, ActiveSweep>()
  return {
    add: async (sweep, submittedAt, optimizer) => {
      if (!sweeps.has(sweep)) sweeps.set(sweep, { sweep, submittedAt, optimizer })
    },
    list: async () => [...sweeps.values()].sort(oldestFirst),
    remove: async (sweep) => {
      sweeps.delete(sweep)
    },
  }
}
