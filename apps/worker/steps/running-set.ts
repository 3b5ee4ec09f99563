import type { RunningAttempt } from '@windrow/common/ledger/ledger.ts'

export interface RunningEntry extends RunningAttempt {
  readonly sweep: string
  /** Stops the attempt because somebody else holds its configuration. */
  readonly stop: () => void
}

/** What this worker runs right now: repeated to the ledger at every beat. */
export interface RunningSet {
  add(entry: RunningEntry): void
  remove(entry: RunningEntry): void
  bySweep(): Map<string, RunningEntry[]>
  readonly size: number
  /** How many were ever added. */
  readonly begun: number
}

export function createRunningSet(): RunningSet {
  const entries = new Set<RunningEntry>()
  let begun = 0
  return {
    add(entry) {
      entries.add(entry)
      begun++
    },
    remove: (entry) => void entries.delete(entry),
    get size() {
      return entries.size
    },
    get begun() {
      return begun
    },
    bySweep: () => Map.groupBy(entries, (entry) => entry.sweep),
  }
}
