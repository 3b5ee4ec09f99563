import type { HostileClass, Mutant } from './plan.ts'
import type { Family } from './seeds.ts'

/** What became of a mutant, the cheapest check that found it first. */
export const outcomes = [
  'frame',
  'checksum',
  'libhdf5',
  'hang ended',
  'crash contained',
  'schema',
  'digest',
  'values',
  'benign',
  'silently wrong',
] as const
export type Outcome = (typeof outcomes)[number]

export interface TallyRow {
  readonly family: Family
  readonly hostileClass: HostileClass
  readonly counts: Partial<Record<Outcome, number>>
}

/** Everything a campaign found, as it is sent between processes. */
export interface TallyReport {
  readonly rows: readonly TallyRow[]
  /** Mutants by number whose contents were accepted and differ from the original's. */
  readonly silentlyWrong: readonly number[]
  readonly leaks: readonly number[]
  /** Of those the strict reader decided, how many libhdf5 was asked about, and on which it says otherwise. */
  readonly compared: number
  readonly disagreements: readonly number[]
  readonly slowestMs: number
  readonly peakMemoryBytes: number
}

/** Counts verdicts as they come. */
export class Tally {
  readonly #rows = new Map<string, TallyRow & { counts: Partial<Record<Outcome, number>> }>()
  readonly #silentlyWrong: number[] = []
  readonly #leaks: number[] = []
  readonly #disagreements: number[] = []
  #compared = 0
  #slowestMs = 0

  add({ index, family, hostileClass }: Mutant, { outcome, ms }: { outcome: Outcome; ms: number }): void {
    const name = `${family} ${hostileClass}`
    const row = this.#rows.get(name) ?? { family, hostileClass, counts: {} }
    row.counts[outcome] = (row.counts[outcome] ?? 0) + 1
    this.#rows.set(name, row)
    if (outcome === 'silently wrong') this.#silentlyWrong.push(index)
    this.#slowestMs = Math.max(this.#slowestMs, ms)
  }

  /** A verdict that tells what stands in a file of the host. */
  leak({ index }: Mutant): void {
    this.#leaks.push(index)
  }

  compare({ index }: Mutant, agrees: boolean): void {
    this.#compared++
    if (!agrees) this.#disagreements.push(index)
  }

  report(): TallyReport {
    return {
      rows: [...this.#rows.values()],
      silentlyWrong: this.#silentlyWrong,
      leaks: this.#leaks,
      compared: this.#compared,
      disagreements: this.#disagreements,
      slowestMs: this.#slowestMs,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    }
  }
}

/** The findings of several processes as one. */
export function joinReports(reports: readonly TallyReport[]): TallyReport {
  const rows = new Map<string, TallyRow & { counts: Partial<Record<Outcome, number>> }>()
  for (const { family, hostileClass, counts } of reports.flatMap((report) => report.rows)) {
    const name = `${family} ${hostileClass}`
    const row = rows.get(name) ?? { family, hostileClass, counts: {} }
    for (const outcome of outcomes) row.counts[outcome] = (row.counts[outcome] ?? 0) + (counts[outcome] ?? 0)
    rows.set(name, row)
  }
  return {
    rows: [...rows.values()],
    silentlyWrong: reports.flatMap((report) => report.silentlyWrong),
    leaks: reports.flatMap((report) => report.leaks),
    compared: reports.reduce((sum, report) => sum + report.compared, 0),
    disagreements: reports.flatMap((report) => report.disagreements),
    slowestMs: Math.max(...reports.map((report) => report.slowestMs)),
    peakMemoryBytes: Math.max(...reports.map((report) => report.peakMemoryBytes)),
  }
}
