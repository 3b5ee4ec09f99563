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
}

export function createRunningSet(): RunningSet {
  const entries = new Set<RunningEntry>()
  return {
    add: (entry) => void entries.add(entry),
    remove: (entry) => void entries.delete(entry),
    bySweep: () => Map.groupBy(entries, (entry) => entry.sweep),
  }
}
