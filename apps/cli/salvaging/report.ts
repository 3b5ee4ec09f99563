import { counted, outOf } from '@windrow/common/status/counts.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { FileCause, RowCause } from '@windrow/common/wrecks/wreck.ts'
import type { WreckListing } from './list-wreck.ts'
import type { SalvagePlan } from './plan-salvage.ts'
import type { ReportedAep } from './reported-aep.ts'
import type { FileFacts } from './wreck-facts.ts'

/** What a salvage came to. With --dry-run: what it would come to. */
export interface SalvageOutcome {
  readonly plan: SweepPlan
  /** As it was named on the command line. */
  readonly directory: string
  readonly dryRun: boolean
  readonly listing: WreckListing
  readonly files: readonly FileFacts[]
  readonly copies: number
  readonly decided: SalvagePlan
  readonly reported: ReportedAep
  readonly aep: 'reevaluate' | 'as-reported'
  /** Keys of configurations of the sweep without a commit. */
  readonly missing: readonly string[]
  /** Files of which evidence was kept. */
  readonly evidence: number
}

/** What `--json` prints. */
export interface SalvageDocument {
  readonly files: number
  readonly salvaged: readonly string[]
  readonly missing: readonly string[]
  readonly bad_files: Readonly<Record<string, { readonly cause: FileCause }>>
  readonly hollow_files: readonly string[]
  readonly ignored: readonly string[]
  readonly bad_rows: Readonly<Record<string, { readonly file: string; readonly cause: RowCause }>>
  readonly conflicts: Readonly<Record<string, readonly string[]>>
}

/** The outcome as one JSON document. Of several bad rows of one configuration the first is named. */
export function documentOf({ listing, files, decided, missing }: SalvageOutcome): SalvageDocument {
  const own = files.filter(({ merged }) => !merged)
  const badFiles = files.flatMap(({ name, fault }) => (fault ? [[name, { cause: fault.cause }] as const] : []))
  const badRows = decided.bad.toReversed().map((row) => {
    return [row.key, { file: files[row.file]!.name, cause: row.fault.cause }] as const
  })
  return {
    files: own.length,
    salvaged: keysOf([...decided.take, ...decided.there]),
    missing,
    bad_files: Object.fromEntries(badFiles),
    hollow_files: own.filter(isHollow).map(({ name }) => name),
    ignored: listing.ignored.map(({ name }) => name),
    bad_rows: Object.fromEntries(badRows.sort(([one], [other]) => (one < other ? -1 : Number(one > other)))),
    conflicts: Object.fromEntries([...decided.conflicts].sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

/** The outcome in words. */
export function describeOutcome(outcome: SalvageOutcome): string {
  return [
    ...describeFiles(outcome),
    ...describeRows(outcome),
    ...describeCounts(outcome),
    ...describeAep(outcome),
    ...describeTrust(outcome),
    ...describeNext(outcome),
  ].join('\n')
}

const isHollow = ({ fault, rows }: FileFacts) => fault === undefined && rows === 0
const keysOf = (rows: readonly { readonly key: string }[]) => rows.map(({ key }) => key).sort()

function describeFiles({ directory, listing, files }: SalvageOutcome): string[] {
  const own = files.filter(({ merged }) => !merged)
  const good = own.filter((file) => file.fault === undefined && file.rows > 0)
  const styles = [...new Set(good.map(({ style }) => style))].sort()
  const bad = own.filter(({ fault }) => fault !== undefined)
  const hollow = own.filter(isHollow)
  const byCause = Map.groupBy(bad, ({ fault }) => fault!.cause)
  const merged = files.find((file) => file.merged)
  return [
    `${counted(own.length, 'file')} of ${directory} read: ${good.length} good${styles.length > 0 ? ` (${styles.join(', ')})` : ''}, ${hollow.length} hollow, ${bad.length} bad; ${listing.ignored.length} ignored`,
    ...[...byCause].map(([cause, of]) => `  ${of.length} ${cause}: ${some(of.map(({ name }) => name))}`),
    ...(hollow.length > 0
      ? [`  ${hollow.length} hollow (no configuration): ${some(hollow.map(({ name }) => name))}`]
      : []),
    ...(listing.ignored.length > 0
      ? [`  ${listing.ignored.length} ignored: ${some(listing.ignored.map(({ name, why }) => `${name} (${why})`))}`]
      : []),
    ...(merged ? [`merged file ${merged.name}: ${merged.fault?.detail ?? counted(merged.rows, 'configuration')}`] : []),
  ]
}

function describeRows({ files, decided, copies }: SalvageOutcome): string[] {
  const shown = decided.bad.slice(0, mostShown)
  return [
    ...(decided.bad.length > 0 ? [`${counted(decided.bad.length, 'bad row')}:`] : []),
    ...shown.map(({ key, file, place, fault }) => {
      return `  ${key}: ${fault.cause}: ${fault.detail} (${files[file]!.name}, ${place})`
    }),
    ...(decided.bad.length > shown.length ? [`  ... and ${decided.bad.length - shown.length} more (--json)`] : []),
    ...(copies > 0 ? [`${counted(copies, 'row')} more that repeat another to the bit: taken once`] : []),
    ...(decided.conflicts.size > 0
      ? [`${counted(decided.conflicts.size, 'configuration')} in conflict, no copy is taken:`]
      : []),
    ...[...decided.conflicts].slice(0, mostShown).map(([key, names]) => `  ${key}: ${names.join(', ')}`),
  ]
}

const mostShown = 20

function describeCounts({ plan, dryRun, decided, missing }: SalvageOutcome): string[] {
  const { take, there, leftAlone, close } = decided
  const would = dryRun ? 'would be ' : ''
  return [
    `${outOf(take.length + there.length, plan.total)} configurations ${would}salvaged` +
      (there.length > 0 ? ` (${take.length} now, ${there.length} before)` : ''),
    ...(leftAlone.length > 0 ? [`${counted(leftAlone.length, 'configuration')} committed already: left alone`] : []),
    ...close.map(({ row, files }) => {
      return `${row.key}: salvaged before, contradicted by ${files.join(', ')}; its epoch ${would}${dryRun ? '' : 'is '}closed`
    }),
    `${outOf(missing.length, plan.total)} missing${missing.length > 0 ? `: ${some(missing)}` : ''}`,
  ]
}

function describeAep({ aep, reported, dryRun, decided }: SalvageOutcome): string[] {
  if (decided.take.length + decided.there.length === 0) return []
  const how = aep === 'reevaluate' ? 'evaluated again, the original kept as aep_reported' : 'as reported'
  const checked = reported.reproduced
    ? `; the model reproduces it, so a row that it does not reproduce is refused${dryRun ? ' (looked at when it is taken in)' : ''}`
    : ''
  return [`AEP: ${how}${checked}`, ...reported.findings.map((finding) => `warning: ${finding}`)]
}

/** What no check can tell of a file without checksums. */
function describeTrust({ files, decided }: SalvageOutcome): string[] {
  const unsummed = [...decided.take, ...decided.there].filter(({ file }) => (files[file]!.superblockVersion ?? 0) < 2)
  if (unsummed.length === 0) return []
  return [
    `${outOf(unsummed.length, decided.take.length + decided.there.length)} are from files without checksums (superblock 0): plausible, not proven (docs/broken-merge.md)`,
  ]
}

function describeNext({ plan, dryRun, missing, evidence }: SalvageOutcome): string[] {
  if (dryRun) return ['Nothing was done (--dry-run).', '']
  return [
    ...(evidence > 0
      ? [`Evidence of ${counted(evidence, 'file')} is in the store: windrow quarantine ${plan.sweep}`]
      : []),
    missing.length > 0
      ? `To run what is missing, and merge: windrow resume ${plan.sweep}`
      : `Nothing is missing. To merge: windrow resume ${plan.sweep}`,
    '',
  ]
}

function some(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(', ')
  return items.length > 5 ? `${shown}, ... (${items.length})` : shown
}
