import type { Command } from './faults/operator.ts'
import type { MirroredObject } from './mirror.ts'
import type { SeenAttempt, SeenCommit } from './watch.ts'

/** What the harness saw and did itself: what check/invariants.py holds the store against. */
export interface Facts {
  readonly sweep: string
  readonly farms: number
  readonly seeds: number
  /** Configurations that are to come to something else than a merged result. */
  readonly destinies: Readonly<Record<string, string>>
  /** Folders: the mirrored store, what the optimizer gives. */
  readonly store: string
  readonly pool: string
  /** The merged file of the run to which nothing happened. */
  readonly quiet: string
  /** By name below the sweep. */
  readonly commits: Readonly<Record<string, SeenCommit>>
  readonly replaced: Readonly<Record<string, string>>
  /** Commits that the harness damaged, with the ETag that it left. */
  readonly damaged: Readonly<Record<string, string>>
  /** By name, as it is at the end. */
  readonly listing: Readonly<Record<string, MirroredObject>>
  readonly attempts: readonly SeenAttempt[]
  /** How often the optimizer itself says that it ran each configuration. */
  readonly runs: Readonly<Record<string, number>>
  /** Worker processes that ended, as `host/pid`. */
  readonly ended: readonly { readonly worker: string; readonly at: number }[]
  /** When Redis lost something. */
  readonly redisLosses: readonly number[]
  readonly commands: readonly Command[]
  /** What the last commands that waited for the file must have ended with. */
  readonly expectedStatuses: readonly number[]
  readonly settled: { readonly afterMs: number | null; readonly limitMs: number }
}

/** What check/invariants.py answers. */
export interface Verdicts {
  readonly violations: Readonly<Record<string, readonly string[]>>
  readonly checked: Readonly<Record<string, number>>
  readonly notes: Readonly<Record<string, unknown>>
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}
