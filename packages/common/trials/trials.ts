/** What an attempt that ran its optimizer says of its host and of its sweep; given with its settlement. */
export type Trial =
  | { readonly host: string; readonly fingerprint?: undefined }
  | {
      readonly host: string
      /** What it failed of, see fingerprint.ts. */
      readonly fingerprint: string
      /** False when it would have failed the same way on any host. */
      readonly blamesHost: boolean
    }

/** An attempt, as the ledger names it. */
export interface TriedAttempt {
  readonly index: number
  readonly epoch: number
  readonly attempt: string
}

/** Failures in a row, on whatever host, all of them alike. */
export interface FailureRow {
  readonly failures: number
  readonly fingerprint: string
  /** Where they happened, in the order of their first failure. */
  readonly hosts: readonly string[]
  /** The newest of them. */
  readonly last: TriedAttempt
}

/** Failures of a host since it last succeeded. */
export interface HostStreak {
  readonly host: string
  /** Names the streak: the failures of the sweep that had been counted before it. */
  readonly id: number
  /** The successes of the sweep that had been counted before it: none of those since then is of this host. */
  readonly successesBefore: number
  readonly failures: number
  /** The configurations that failed, each once: the first `configurationsKept` of them. */
  readonly configurations: readonly number[]
  /** It takes no jobs of this sweep until an operator says so. */
  readonly isSetAside: boolean
}

/** What the attempts of a sweep have shown since its ledger was made. */
export interface Trials {
  readonly succeeded: number
  readonly failed: number
  readonly lastSuccessOn?: string | undefined
  readonly row?: FailureRow | undefined
  /** Hosts that have failed since they last succeeded, and those that are set aside; by name. */
  readonly hosts: readonly HostStreak[]
}

/** Configurations of which an aside host still owes attempts: they failed there in its streak. */
export interface OwedAttempts {
  /** Pending or to be tried again. */
  readonly open: readonly number[]
  /** Given up; their epoch is over only when the store says so. */
  readonly dead: readonly { readonly index: number; readonly epoch: number }[]
}

export const configurationsKept = 100
