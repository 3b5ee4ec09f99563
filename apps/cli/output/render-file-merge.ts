import type { FileMergeOutcome, FileMergeRequest } from '@windrow/common/file-merging/merge-files.ts'
import { counted, outOf } from '@windrow/common/status/counts.ts'
import type { Terminal } from './terminal.ts'

/** Names shown of one kind; `--json` and the audit have them all. */
const mostShown = 20

export interface FileMergeFacts {
  readonly request: FileMergeRequest
  readonly outcome: FileMergeOutcome
  readonly audit: string
}

/** What `windrow merge --files` did, as text for people. */
export function renderFileMerge(
  facts: FileMergeFacts,
  { style, command }: { style: Terminal['style']; command: string },
): string {
  const lines = [headOf(facts, style), ...shortfallOf(facts, style), ...reportOf(facts), `  audit: ${facts.audit}`]
  if (facts.outcome.kind === 'merged')
    lines.push(style('faint', `  check it again: ${command} verify ${facts.outcome.path}`))
  return `${lines.join('\n')}\n`
}

function headOf({ request, outcome }: FileMergeFacts, style: Terminal['style']): string {
  const { report } = outcome
  const read = `${counted(report.files, 'file')} of ${request.directory} read`
  if (outcome.kind === 'nothing') return `${style('bad', 'NOTHING MERGED')}  ${read}, and no good configuration found`
  if (outcome.kind === 'refused') {
    return `${style('bad', 'NOT MERGED')}  ${read}; something is corrupt, and --on-corrupt fail was asked for`
  }
  const { counts, complete } = outcome.merge.certificate
  const mark = complete ? style('good', 'merged') : style('warning', 'PARTIAL')
  return `${mark}  ${outcome.path}: ${outOf(counts.merged, counts.expected)} configurations; ${read}`
}

function shortfallOf({ request, outcome }: FileMergeFacts, style: Terminal['style']): string[] {
  if (outcome.kind !== 'merged') return []
  const { counts, complete, shortfall } = outcome.merge.certificate
  const expected = request.specification
    ? `expected by the specification: ${counts.expected}`
    : `expected are the ${counts.expected} that were found: without --spec nobody knows of others`
  const lines = [`  ${expected}`]
  if (shortfall)
    lines.push(`  ${complete ? 'short, within the tolerance' : style('warning', 'not complete')}: ${shortfall.why}`)
  const { plausible } = counts
  if (plausible > 0) {
    lines.push(
      `  not checked: the AEP of ${outOf(plausible, counts.merged)} is as reported, it was not evaluated again`,
    )
  }
  return lines
}

function reportOf({ outcome: { report } }: FileMergeFacts): string[] {
  const { hollow, ignored, refused, bad, duplicates, conflicts, notCarried } = report
  return [
    ...section('refused', refused, ({ file, cause, detail }) => `${file}: ${cause}: ${detail}`),
    ...section('bad', bad, ({ key, file, cause, detail }) => `${key} in ${file}: ${cause}: ${detail}`),
    ...section('conflicting, none merged', conflicts, ({ key, files }) => `${key}: ${files.join(', ')}`),
    ...section('identical, merged once', duplicates, ({ key, files }) => `${key}: ${files.join(', ')}`),
    ...section('not carried over', notCarried, ({ key, file, place, why }) => `${key}/${place} in ${file}: ${why}`),
    ...section('hollow', hollow, (file) => file),
    ...section('ignored', ignored, ({ file, why }) => `${file}: ${why}`),
  ]
}

function section<Item>(title: string, items: readonly Item[], lineOf: (item: Item) => string): string[] {
  if (items.length === 0) return []
  const shown = items.slice(0, mostShown).map((item) => `    ${lineOf(item)}`)
  const more = items.length > mostShown ? [`    and ${items.length - mostShown} more; --json names them all`] : []
  return [`  ${items.length} ${title}:`, ...shown, ...more]
}
