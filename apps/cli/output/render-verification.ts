import type { MergedVerification } from '@windrow/common/merging/verification.ts'
import { outOf } from '@windrow/common/status/counts.ts'
import type { StoreComparison } from '../verify/compare-with-commits.ts'
import type { Terminal } from './terminal.ts'

export type VerificationReport = MergedVerification & { readonly inStore?: StoreComparison }

/** Faulty configurations shown; `--json` has them all. */
const mostShown = 20

/** What `windrow verify` found, as text for people. */
export function renderVerification(report: VerificationReport, style: Terminal['style']): string {
  const { path, ok, sweep, summary, counts, complete, shortfall, inStore } = report
  const verdict = ok ? style('good', 'verified') : style('bad', 'FAILED')
  const lines = [`${verdict}  ${path}${sweep === undefined ? '' : `, sweep ${sweep}`}`, `  ${summary.text}`]
  if (counts) {
    const states = (['quarantined', 'dead', 'missing'] as const).filter((state) => counts[state] > 0)
    for (const state of states) lines.push(`  ${outOf(counts[state], counts.expected)} ${state}`)
    if (counts.salvaged > 0)
      lines.push(`  ${outOf(counts.salvaged, counts.merged)} merged were salvaged: plausible, not proven`)
    lines.push(complete ? '  complete' : `  ${style('warning', 'not complete')}: ${shortfall?.why}`)
  }
  for (const { fault, detail } of report.faults) lines.push(`  ${style('bad', fault)}: ${detail}`)
  const faulty = report.rows.filter((row) => row.verdict !== 'verified' && row.verdict !== 'named')
  lines.push(...listed(faulty.map(({ key, verdict: fault, detail }) => `${key}: ${fault}: ${detail ?? ''}`)))
  if (inStore) lines.push(...storeLines(inStore))
  lines.push(...report.notChecked.map((part) => style('faint', `  not checked: ${part}`)))
  return `${lines.join('\n')}\n`
}

function storeLines({ store, commits, generation }: StoreComparison): string[] {
  const origin =
    generation === null
      ? 'no generation has the SHA-256 of this file'
      : `the SHA-256 of the file is that of generation ${generation}`
  return [
    `  ${outOf(commits.agreed, commits.of)} agree with the commits in ${store}; ${origin}`,
    ...listed(commits.faults.map(({ key, fault, detail }) => `${key}: ${fault} in the store: ${detail}`)),
  ]
}

function listed(lines: readonly string[]): string[] {
  const shown = lines.slice(0, mostShown).map((line) => `    ${line}`)
  return lines.length > mostShown
    ? [...shown, `    and ${lines.length - mostShown} more; --json names them all`]
    : shown
}
