import type { AttributeValue } from '../results/contents.ts'
import type { LayoutEvaluation, LayoutFault, Positions } from '../results/validate-result.ts'
import type { RowFault, WreckRow } from './wreck.ts'

/** What a row is held against; what is left out is not checked. */
export interface RowExpectation {
  /** What the configuration's own attributes and columns are, where a row has them: farm_idx, diameter, ... */
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly nTurbines?: number
  /** Polygon vertices, m. */
  readonly boundary?: { readonly x: readonly number[]; readonly y: readonly number[] }
  readonly minSpacingM?: number
}

/**
 * What is wrong with a row, cheapest check first; undefined when nothing is. Superblock-0 files have no checksums: whatever
 * of a row can be held against something else of it is.
 */
export function judgeRow(
  row: WreckRow,
  expectation: RowExpectation,
  { infeasibilities }: Pick<LayoutEvaluation, 'infeasibilities'>,
): RowFault | undefined {
  return (
    row.fault ??
    faultOfStatus(row) ??
    faultOfIdentity(row, expectation) ??
    faultOfAep(row) ??
    faultOfCount(row, expectation) ??
    faultOfNumbers(row) ??
    faultOfGeometry(row, expectation, infeasibilities)
  )
}

/** x and y of a row's turbines, m. */
function positionsOf({ layout }: Pick<WreckRow, 'layout'>): Positions {
  const count = layout.length / 2
  return { xM: layout.subarray(0, count), yM: layout.subarray(count) }
}

function faultOfStatus({ attributes: { status } }: WreckRow): RowFault | undefined {
  if (status === undefined || status === 'success') return undefined
  return { cause: 'not_success', detail: `Its status is ${JSON.stringify(String(status))}.` }
}

function faultOfIdentity({ key, attributes, fields }: WreckRow, expectation: RowExpectation): RowFault | undefined {
  const expected = { ...fieldsOfKey(key), ...expectation.attributes }
  for (const [name, value] of Object.entries({ ...attributes, ...fields })) {
    const wanted = Object.hasOwn(expected, name) ? expected[name] : undefined
    if (wanted === undefined || sameValue(value, wanted)) continue
    return { cause: 'key_mismatch', detail: `${key} has ${name} ${value}, not ${wanted}.` }
  }
  return undefined
}

/** What the names that the scripts gave say by themselves. */
function fieldsOfKey(key: string): Record<string, number> {
  const match = /^farm(\d+)_t(\d+)_s(\d+)$/.exec(key)
  if (match === null) return {}
  return { farm_idx: Number(match[1]), type_idx: Number(match[2]), ss_seed: Number(match[3]) }
}

function sameValue(one: AttributeValue, other: AttributeValue): boolean {
  return typeof one === 'string' || typeof other === 'string'
    ? String(one) === String(other)
    : Number(one) === Number(other)
}

function faultOfAep({ key, aep, attributes }: WreckRow): RowFault | undefined {
  if (aep === undefined) return { cause: 'missing_aep', detail: `${key} has no aep.` }
  if (!Number.isFinite(aep)) return { cause: 'nan_aep', detail: `Its aep is ${aep}.` }
  if (attributes.aep === undefined || Number(attributes.aep) === aep) return undefined
  return { cause: 'aep_mismatch', detail: `Its dataset aep is ${aep}, its attribute aep ${attributes.aep}.` }
}

function faultOfCount({ layout, claimedTurbines }: WreckRow, { nTurbines }: RowExpectation): RowFault | undefined {
  const count = layout.length / 2
  const wanted = nTurbines ?? claimedTurbines ?? count
  const claimed = claimedTurbines ?? wanted
  if (count === wanted && claimed === wanted) return undefined
  const claims = claimed === count ? '' : ` and claims ${claimed}`
  return { cause: 'wrong_n', detail: `Its layout has ${count} turbines${claims}; they should be ${wanted}.` }
}

function faultOfNumbers({ layout }: WreckRow): RowFault | undefined {
  const at = layout.findIndex((value) => !Number.isFinite(value))
  if (at < 0) return undefined
  const count = layout.length / 2
  return { cause: 'nan_layout', detail: `${at < count ? 'x' : 'y'} of turbine ${at % count} is ${layout[at]}.` }
}

function faultOfGeometry(
  row: WreckRow,
  { boundary, minSpacingM }: RowExpectation,
  infeasibilities: LayoutEvaluation['infeasibilities'],
): RowFault | undefined {
  if (boundary === undefined && minSpacingM === undefined) return undefined
  const [first] = infeasibilities(positionsOf(row), { boundary, minSpacingM })
  return first && describeFault(first, minSpacingM)
}

function describeFault(fault: LayoutFault, minSpacingM: number | undefined): RowFault {
  const metres = fault.distanceM >= 1000 ? fault.distanceM.toFixed(0) : fault.distanceM.toPrecision(4)
  if (fault.kind === 'outside-boundary') {
    return { cause: 'outside', detail: `Turbine ${fault.turbine} stands ${metres} m outside the area.` }
  }
  const [one, other] = fault.turbines
  return {
    cause: 'too_close',
    detail: `Turbines ${one} and ${other} stand ${metres} m apart; the spacing is ${minSpacingM} m.`,
  }
}
