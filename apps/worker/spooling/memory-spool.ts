import type { Spool, SpooledResult } from './spool.ts'

/** A spool in memory, for simulations. */
export function createMemorySpool(): Spool {
  const results = new Map<string, SpooledResult>()
  return {
    put: async (result) => void results.set(result.attempt, result),
    waiting: async () => [...results.values()].sort((a, b) => a.record.endedAt.localeCompare(b.record.endedAt)),
    depth: async () => results.size,
    remove: async ({ attempt }) => void results.delete(attempt),
  }
}
