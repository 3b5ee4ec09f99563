/** A sweep that is being worked on. */
export interface ActiveSweep {
  readonly sweep: string
  /** Milliseconds since the epoch. */
  readonly submittedAt: number
  /** A worker takes only sweeps whose optimizer it has. */
  readonly optimizer: string
}

/** The sweeps that workers look for jobs of. Adapters: redis-active-sweeps.ts, memory-active-sweeps.ts. */
export interface ActiveSweeps {
  /** Adds a sweep; one that is there already keeps its time. */
  add(sweep: string, submittedAtMs: number, optimizer: string): Promise<void>
  /** Oldest first; of the same age, by name. */
  list(): Promise<ActiveSweep[]>
  /** Takes a sweep out; nothing happens when it is not in. */
  remove(sweep: string): Promise<void>
}

/** The order of `list`. */
export const oldestFirst = (a: ActiveSweep, b: ActiveSweep): number =>
  a.submittedAt - b.submittedAt || (a.sweep < b.sweep ? -1 : 1)
