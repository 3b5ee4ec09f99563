import type { RowFault } from '@windrow/common/wrecks/wreck.ts'
import type { GoodRow } from './wreck-facts.ts'

/** A row whose AEP was evaluated again. */
export interface AepSample {
  readonly key: string
  readonly reportedGWh: number
  readonly evaluatedGWh: number
}

/** What the reported AEPs of a wreck say of themselves, and of the program that reported them. */
export interface ReportedAep {
  /** -1 when most are negative. */
  readonly sign: 1 | -1
  /** The model of the specification gives most of the sample's AEP again, whatever their sign: a row that differs is wrong. */
  readonly reproduced: boolean
  /** Of the sample, what the model does not give again although it does most others, by key: its evaluated AEP, GWh. */
  readonly differing: ReadonlyMap<string, number>
  /** What a user should know of them, with the likely cause. */
  readonly findings: readonly string[]
}

/** How far (relative) an AEP may be from the one evaluated again: other programs sum in another order. */
const aepTolerance = 1e-6
const rowsThatTell = 3
const shareReproduced = 0.8
/** How many rows are evaluated to see whether the model reproduces a wreck. */
const sampled = 12

/** The rows to evaluate again, evenly spread over the keys. */
export function sampleOf(good: Iterable<GoodRow>): GoodRow[] {
  const sorted = [...good].sort((one, other) => (one.key < other.key ? -1 : 1))
  const step = Math.max(1, sorted.length / sampled)
  return Array.from({ length: Math.min(sampled, sorted.length) }, (_, n) => sorted[Math.floor(n * step)]!)
}

/** Judges the reported AEPs as a whole. */
export function judgeReportedAep(good: Iterable<GoodRow>, sample: readonly AepSample[]): ReportedAep {
  const rows = [...good]
  const negative = rows.filter(({ aepGWh }) => aepGWh < 0).length
  const sign = negative > rows.length / 2 ? -1 : 1
  const agreeing = sample.filter((one) => agrees(one, sign)).length
  const reproduced = sample.length > 0 && agreeing >= shareReproduced * sample.length
  const findings = [
    ...(sign < 0 ? [negativeFinding(negative, rows.length)] : []),
    ...constantFinding(rows),
    ...(reproduced || isConstant(rows) ? [] : ratioFinding(sample)),
  ]
  const differing = sample.filter((one) => reproduced && !agrees(one, sign))
  return { sign, reproduced, findings, differing: new Map(differing.map((one) => [one.key, one.evaluatedGWh])) }
}

/** Whether an AEP is the one its layout yields, but for the sign that all of the wreck have. */
function agrees({ reportedGWh, evaluatedGWh }: Omit<AepSample, 'key'>, sign: ReportedAep['sign']): boolean {
  return Math.abs(sign * reportedGWh - evaluatedGWh) <= aepTolerance * Math.abs(evaluatedGWh)
}

/** A row against the sign of all others; undefined when it has theirs. */
export function faultOfSign({ key, aepGWh }: GoodRow, sign: ReportedAep['sign']): RowFault | undefined {
  if (sign * aepGWh > 0) return undefined
  const others = sign > 0 ? 'positive' : 'negative'
  return { cause: 'negative_aep', detail: `${key} reports ${aepGWh} GWh; most others are ${others}.` }
}

/** A row against the model that gives most others again; undefined where it does not, or nothing was evaluated. */
export function faultOfAep(
  { aepGWh }: GoodRow,
  { sign, reproduced }: ReportedAep,
  evaluatedGWh: number | undefined,
): RowFault | undefined {
  if (evaluatedGWh === undefined || !reproduced || agrees({ reportedGWh: aepGWh, evaluatedGWh }, sign)) return undefined
  const detail = `It reports ${aepGWh} GWh; its layout yields ${evaluatedGWh} GWh, and the model gives most others again.`
  return { cause: 'aep_mismatch', detail }
}

function negativeFinding(negative: number, all: number): string {
  return (
    `${negative} of ${all} reported AEPs are negative: most likely a cost was stored, which an optimizer minimises ` +
    '(minus the AEP, perhaps not of the stored layout).'
  )
}

function isConstant(rows: readonly GoodRow[]): boolean {
  return rows.length >= rowsThatTell && rows.every(({ aepGWh }) => aepGWh === rows[0]!.aepGWh)
}

function constantFinding(rows: readonly GoodRow[]): string[] {
  if (!isConstant(rows)) return []
  return [
    `All ${rows.length} reported AEPs are ${rows[0]!.aepGWh}: most likely they were read before the model ran on the stored ` +
      'layouts, or are the start value of the optimizer.',
  ]
}

function ratioFinding(sample: readonly AepSample[]): string[] {
  const ratios = sample
    .map(({ reportedGWh, evaluatedGWh }) => Math.abs(reportedGWh / evaluatedGWh))
    .sort((a, b) => a - b)
  const median = ratios[Math.floor(ratios.length / 2)]
  if (median === undefined || !Number.isFinite(median) || median === 0) return []
  const from = `${sample.length} evaluated again`
  const unit = [
    { factor: 1e3, name: 'MWh' },
    { factor: 1e6, name: 'kWh' },
    { factor: 1e9, name: 'Wh' },
  ].find(({ factor }) => median > factor / 2 && median < factor * 2)
  const range = `${ratios[0]!.toPrecision(3)} to ${ratios.at(-1)!.toPrecision(3)}`
  if (unit)
    return [`The reported AEPs are ${range} times those of ${from}: most likely they are in ${unit.name}, not GWh.`]
  return [
    `The reported AEPs are ${range} times those of ${from}: another model, another resource, or not of the stored layouts.`,
  ]
}
