import { hostileClasses } from './plan.ts'
import { families } from './seeds.ts'
import { type Outcome, outcomes, type TallyReport, type TallyRow } from './tally.ts'

/** The detection table by who wrote the file and what was done to it, in Markdown. */
export function detectionTable({ rows }: TallyReport): string {
  const lines = [
    `| file | mutants | ${['', ...outcomes].join(' | ').slice(3)} |`,
    `|---|--:|${outcomes.map(() => '--:').join('|')}|`,
  ]
  for (const family of families) {
    const ofFamily = hostileClasses.flatMap((name) =>
      rows.filter((row) => row.family === family && row.hostileClass === name),
    )
    lines.push(...ofFamily.map((row) => lineOf(`${family}: ${row.hostileClass}`, [row])))
  }
  return [...lines, lineOf('**all**', rows)].join('\n')
}

/** The rest of what was found, in words. */
export function findingsOf(report: TallyReport, { opened, deaths }: { opened: boolean; deaths: number }): string {
  const { silentlyWrong, leaks, compared, disagreements, slowestMs, peakMemoryBytes } = report
  const lines = [
    `silently wrong: ${silentlyWrong.length}${listed(silentlyWrong)}`,
    `process deaths: ${deaths}`,
    `reads outside the sandbox: ${leaks.length + Number(opened)}${listed(leaks)} (the host file that hostile files name was ${opened ? 'OPENED' : 'never opened'})`,
    `libhdf5 alone, asked about the ${compared} that the strict reader decided, disagrees on ${disagreements.length}${listed(disagreements)}`,
    `slowest verdict: ${(slowestMs / 1000).toFixed(1)} s`,
    `peak memory of a process: ${Math.round(peakMemoryBytes / 2 ** 20)} MiB`,
  ]
  return lines.join('\n')
}

function lineOf(name: string, rows: readonly TallyRow[]): string {
  const of = (outcome: Outcome) => rows.reduce((sum, { counts }) => sum + (counts[outcome] ?? 0), 0)
  const all = outcomes.reduce((sum, outcome) => sum + of(outcome), 0)
  return `| ${name} | ${all} | ${outcomes.map(of).join(' | ')} |`
}

function listed(numbers: readonly number[]): string {
  return numbers.length === 0 ? '' : ` (mutants ${numbers.slice(0, 20).join(', ')})`
}
