import {
  configurationsKept,
  type FailureRow,
  type HostStreak,
  type Trial,
  type Trials,
  type TriedAttempt,
} from './trials.ts'

/** What a ledger in memory keeps of trials. redis-scripts.ts keeps the same in Redis; a test holds the two together. */
export interface TrialBook {
  succeeded: number
  failed: number
  lastSuccessOn: string | undefined
  /** With the successes that had been counted before it: it is over when there is another. */
  row: (FailureRow & { readonly successesBefore: number }) | undefined
  readonly hosts: Map<string, HostStreak>
  /** By configuration, the streaks in which attempts of its live epoch have failed, one entry for each. */
  readonly failedIn: Map<number, readonly string[]>
}

export const emptyTrialBook = (): TrialBook => ({
  succeeded: 0,
  failed: 0,
  lastSuccessOn: undefined,
  row: undefined,
  hosts: new Map(),
  failedIn: new Map(),
})

/** How long the rows are that an attempt has made longer; 0 where it has not. */
export interface NotedFailure {
  /** Failures of the sweep in a row, all alike. */
  readonly inARow: number
  /** Different configurations that failed on this host since it last succeeded. */
  readonly onHost: number
}

export const streakName = ({ host, id }: Pick<HostStreak, 'host' | 'id'>) => `${encodeURIComponent(host)}:${id}`

/** Notes what an attempt has come to; undefined when it has succeeded. */
export function noteTrial(book: TrialBook, trial: Trial, attempt: TriedAttempt): NotedFailure | undefined {
  const { host } = trial
  if (trial.fingerprint === undefined) {
    book.succeeded++
    book.lastSuccessOn = host
    if (!book.hosts.get(host)?.isSetAside) book.hosts.delete(host)
    return undefined
  }
  const before = book.hosts.get(host) ?? newStreak(book, host)
  book.failed++
  book.row = longerRow(book, trial, attempt)
  const inARow = book.row.failures
  if (!trial.blamesHost) return { inARow, onHost: 0 }
  const streak = longerStreak(before, attempt.index)
  book.hosts.set(host, streak)
  book.failedIn.set(attempt.index, [...(book.failedIn.get(attempt.index) ?? []), streakName(streak)])
  return { inARow, onHost: streak.configurations.length }
}

/** A streak that begins now. */
export function newStreak({ failed, succeeded }: TrialBook, host: string): HostStreak {
  return { host, id: failed, successesBefore: succeeded, failures: 0, configurations: [], isSetAside: false }
}

/** What a book says, without what is over. */
export function trialsIn({ succeeded, failed, lastSuccessOn, row, hosts }: TrialBook): Trials {
  return {
    ...{ succeeded, failed, lastSuccessOn, row: row?.successesBefore === succeeded ? rowOf(row) : undefined },
    hosts: [...hosts.values()].sort((a, b) => (a.host < b.host ? -1 : 1)),
  }
}

const rowOf = ({ failures, fingerprint, hosts, last }: FailureRow): FailureRow => {
  const { index, epoch, attempt } = last
  return { failures, fingerprint, hosts, last: { index, epoch, attempt } }
}

const noRow: Pick<FailureRow, 'failures' | 'hosts'> = { failures: 0, hosts: [] }

function longerRow(
  { row, succeeded }: TrialBook,
  { host, fingerprint }: Extract<Trial, { fingerprint: string }>,
  last: TriedAttempt,
): NonNullable<TrialBook['row']> {
  const goesOn = row?.fingerprint === fingerprint && row.successesBefore === succeeded
  const { failures, hosts } = goesOn ? row : noRow
  return {
    failures: failures + 1,
    fingerprint,
    hosts: hosts.includes(host) ? hosts : [...hosts, host],
    last,
    successesBefore: succeeded,
  }
}

function longerStreak(streak: HostStreak, index: number): HostStreak {
  const { configurations, failures } = streak
  const isNew = configurations.length < configurationsKept && !configurations.includes(index)
  return { ...streak, failures: failures + 1, configurations: isNew ? [...configurations, index] : configurations }
}
