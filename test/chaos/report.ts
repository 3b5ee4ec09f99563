import { constantFaults, type FaultName, type PlannedFault } from './doses.ts'
import type { Verdicts } from './facts.ts'
import type { Dose } from './journal.ts'

/** A line of the table. */
export interface FaultRow {
  readonly fault: FaultName
  /** undefined: as many as requests came by. */
  readonly planned: number | undefined
  readonly given: number
  readonly caught: number
  /** Configurations in its way that were lost or doubled. */
  readonly lost: number
  readonly doubled: number
}

/** Counts the doses of every fault. */
export function faultRows(
  doses: readonly Dose[],
  { planned, verdicts }: { planned: Readonly<Record<PlannedFault, number>>; verdicts: Verdicts },
): FaultRow[] {
  const names: FaultName[] = [...(Object.keys(planned) as PlannedFault[]), ...constantFaults]
  return names.map((fault) => {
    const given = doses.filter((dose) => dose.fault === fault)
    const touched = new Set(given.flatMap((dose) => dose.touched))
    return {
      fault,
      planned: fault in planned ? planned[fault as PlannedFault] : undefined,
      given: given.length,
      caught: given.filter(({ caught }) => caught).length,
      lost: verdicts.lost.filter((key) => touched.has(key)).length,
      doubled: verdicts.doubled.filter((key) => touched.has(key)).length,
    }
  })
}

const invariants: Readonly<Record<string, string>> = {
  I1: 'every configuration is accounted for exactly once, as it must be',
  I2: 'nothing that was refused is merged',
  I3: 'one commit a configuration and epoch, never replaced',
  I4: 'the merged file is that of the quiet run, bit for bit',
  I5: 'everything settles within two locks and a backoff',
  I6: 'no command ends well with an undeclared loss',
  I7: 'every attempt and every action is on record',
}

/** The report in Markdown. */
export function reportText(rows: readonly FaultRow[], verdicts: Verdicts, head: string): string {
  const table = rows.map(({ fault, planned, given, caught, lost, doubled }) => {
    const doses = planned === undefined || planned === given ? String(given) : `${given} of ${planned}`
    return `| ${fault} | ${doses} | ${caught} | ${lost} | ${doubled} |`
  })
  const total = rows.reduce((sum, { given }) => sum + given, 0)
  const held = Object.entries(invariants).map(([name, what]) => {
    const found = verdicts.violations[name] ?? []
    const outcome = found.length === 0 ? 'held' : `VIOLATED ${found.length} times`
    return `| ${name} ${what} | ${verdicts.checked[name] ?? 0} | ${outcome} |`
  })
  const violations = Object.entries(verdicts.violations).flatMap(([name, found]) =>
    found.slice(0, 20).map((what) => `- ${name}: ${what}`),
  )
  const { expected, merged, quarantined, dead, missing } = verdicts.counts
  return [
    head,
    '',
    `${expected} configurations: ${merged} merged, ${quarantined} quarantined, ${dead} dead, ${missing} missing.`,
    `${total} faults; ${verdicts.lost.length} configurations lost, ${verdicts.doubled.length} doubled.`,
    '',
    '| fault | doses | noticed | lost | doubled |',
    '|---|---|---|---|---|',
    ...table,
    '',
    '| invariant | held against | |',
    '|---|---|---|',
    ...held,
    '',
    ...(violations.length > 0 ? [...violations, ''] : []),
    `Notes: ${JSON.stringify(verdicts.notes)}`,
    '',
  ].join('\n')
}
