import { contentSha256 } from './content-digest.ts'
import type { ResultContents } from './contents.ts'
import { type ReadResult, readOwnResult, readResult } from './read-result.ts'
import { demand, Refusal } from './refusal.ts'
import type { ResultLimits } from './result-schema.ts'
import type { ResultExpectation, Verdict } from './verdict.ts'

/** Positions of turbines, metres. */
export interface Positions {
  readonly xM: Float64Array
  readonly yM: Float64Array
}

/** Why a layout may not be built; indices of turbines count from 0. */
export type LayoutFault =
  | { readonly kind: 'outside-boundary'; readonly turbine: number; readonly distanceM: number }
  | { readonly kind: 'spacing-violated'; readonly turbines: readonly [number, number]; readonly distanceM: number }

export interface LayoutConstraints {
  readonly boundary?: { readonly x: readonly number[]; readonly y: readonly number[] } | undefined
  readonly minSpacingM?: number | undefined
}

/** Geometry and energy of a layout, computed again by whoever is asked (problem-evaluation.ts). */
export interface LayoutEvaluation {
  infeasibilities(layout: Positions, constraints: LayoutConstraints): readonly LayoutFault[]
  /** AEP in GWh of a layout on the model of a JSON problem. */
  reevaluateAepGWh(problem: unknown, layout: Positions): number
}

/** How far (relative) a reported AEP may be from the one evaluated again. */
const aepTolerance = 1e-9

export interface ValidationTools {
  readonly evaluation: LayoutEvaluation
  readonly limits?: ResultLimits | undefined
  /** Waited for before libhdf5 reads the file, which is none that Windrow wrote. */
  readonly onForeign?: (() => Promise<void>) | undefined
  /** Called when the file has been read and its contents are to be judged. */
  readonly onRead?: (() => void) | undefined
}

/**
 * Validates the bytes of a result, cheapest check first (the order of `refusalReasons`), up to what is expected: what
 * `expectation` leaves out is not checked. Rejects only when the evaluation itself fails, on a problem it cannot read.
 */
export async function validateResult(
  bytes: Uint8Array,
  expectation: ResultExpectation,
  { evaluation, limits, onForeign, onRead }: ValidationTools,
): Promise<Verdict> {
  try {
    const read = await readResult(bytes, limits, onForeign)
    onRead?.()
    return judgeResult(read, expectation, evaluation)
  } catch (error) {
    return refusalOf(error)
  }
}

/**
 * The same at once, without libhdf5 and evaluation, in time bounded by the size of the file: for files as Windrow writes them
 * of which no geometry and no energy is expected. undefined when it takes more than that.
 */
export function validateOwnResult(
  bytes: Uint8Array,
  expectation: ResultExpectation,
  limits?: ResultLimits,
): Verdict | undefined {
  if (needsEvaluation(expectation)) return undefined
  try {
    const read = readOwnResult(bytes, limits)
    return read && judgeResult(read, expectation, noEvaluation)
  } catch (error) {
    return refusalOf(error)
  }
}

/** The verdict on a result that has been read; throws what the evaluation throws. */
export function judgeResult(read: ReadResult, expectation: ResultExpectation, evaluation: LayoutEvaluation): Verdict {
  try {
    const computed = checkDigest(read)
    checkFinite(read.contents)
    checkIdentity(read.contents, expectation)
    checkPhysics(read.contents, expectation, evaluation)
    return { ok: true, contents: read.contents, contentSha256: computed }
  } catch (error) {
    return refusalOf(error)
  }
}

function refusalOf(error: unknown): Verdict {
  if (!(error instanceof Refusal)) throw error
  return { ok: false, reason: error.reason, detail: error.message }
}

function needsEvaluation({ boundary, minSpacingM, problem }: ResultExpectation): boolean {
  return boundary !== undefined || minSpacingM !== undefined || problem !== undefined
}

const noEvaluation: LayoutEvaluation = { infeasibilities: unexpected, reevaluateAepGWh: unexpected }

function unexpected(): never {
  throw new Error('an evaluation was asked for where none is expected')
}

function checkDigest({ contents, claimedSha256 }: ReadResult): string {
  const computed = contentSha256(contents)
  demand(
    computed === claimedSha256,
    'digest-mismatch',
    `content_sha256 says ${claimedSha256}; the contents have ${computed}.`,
  )
  return computed
}

function checkFinite({ attributes, datasets }: ResultContents): void {
  for (const [name, { data, shape }] of Object.entries(datasets)) {
    if (!(data instanceof Float64Array || data instanceof Float32Array)) continue
    const at = data.findIndex((value) => !Number.isFinite(value))
    demand(at < 0, 'not-finite', `${name}${subscript(at, shape)} is ${data[at]}.`)
  }
  for (const [name, value] of Object.entries(attributes)) {
    demand(typeof value !== 'number' || Number.isFinite(value), 'not-finite', `The attribute ${name} is ${value}.`)
  }
}

/** `[1, 17]` for the element of a row-major array; nothing for a scalar. */
function subscript(at: number, shape: readonly number[]): string {
  if (shape.length === 0) return ''
  let rest = at
  const indices = shape.toReversed().map((length) => {
    const index = rest % length
    rest = Math.floor(rest / length)
    return index
  })
  return `[${indices.toReversed().join(', ')}]`
}

function checkIdentity(contents: ResultContents, expectation: ResultExpectation): void {
  const { key, configurationDigest, attributes = {}, nTurbines } = expectation
  demand(
    contents.salvaged === undefined || expectation.problem === undefined || expectation.mayBeSalvaged === true,
    'wrong-type',
    'The result says that it was salvaged; what an optimizer leaves cannot be.',
  )
  demand(key === undefined || contents.key === key, 'wrong-key', `The result is of ${contents.key}, not of ${key}.`)
  for (const [name, value] of Object.entries(attributes)) {
    const held = contents.attributes[name]
    demand(held === value, 'wrong-key', `The attribute ${name} is ${held ?? 'absent'}, not ${value}.`)
  }
  demand(
    configurationDigest === undefined || contents.configurationDigest === configurationDigest,
    'wrong-configuration',
    `The result was made for the configuration ${contents.configurationDigest}, not ${configurationDigest}.`,
  )
  const count = contents.datasets.layout?.shape[1]
  demand(
    nTurbines === undefined || count === nTurbines,
    'wrong-turbine-count',
    `layout has ${count} turbines, not ${nTurbines}.`,
  )
}

function checkPhysics(contents: ResultContents, expectation: ResultExpectation, evaluation: LayoutEvaluation): void {
  const { boundary, minSpacingM, problem } = expectation
  if (boundary !== undefined || minSpacingM !== undefined) {
    const faults = evaluation.infeasibilities(positionsOf(contents), { boundary, minSpacingM })
    const [worst] = faults.toSorted((one, other) => severity(other) - severity(one))
    if (worst !== undefined) throw new Refusal(worst.kind, describeFault(worst, faults.length, minSpacingM))
  }
  const reportedGWh = Number(contents.datasets.aep?.data[0])
  const { aep: attributeGWh = reportedGWh } = contents.attributes
  demand(
    attributeGWh === reportedGWh,
    'aep-mismatch',
    `The attribute aep is ${attributeGWh} GWh, the dataset aep ${reportedGWh} GWh.`,
  )
  if (problem === undefined || contents.salvaged?.aep === 'as-reported') return
  const evaluatedGWh = evaluation.reevaluateAepGWh(problem, positionsOf(contents))
  demand(
    Math.abs(reportedGWh - evaluatedGWh) <= aepTolerance * Math.abs(evaluatedGWh),
    'aep-mismatch',
    `The result reports ${reportedGWh} GWh; evaluated again, its layout yields ${evaluatedGWh} GWh.`,
  )
}

function positionsOf({ datasets }: ResultContents): Positions {
  const data = Float64Array.from(datasets.layout?.data ?? [], Number)
  const count = data.length / 2
  return { xM: data.subarray(0, count), yM: data.subarray(count) }
}

/** Turbines outside come before turbines too near; the farther outside or the nearer together, the worse. */
function severity(fault: LayoutFault): number {
  return fault.kind === 'outside-boundary' ? 1e12 + fault.distanceM : -fault.distanceM
}

function describeFault(fault: LayoutFault, count: number, minSpacingM: number | undefined): string {
  const others = count > 1 ? ` (the worst of ${count})` : ''
  const metres = fault.distanceM.toPrecision(4)
  if (fault.kind === 'outside-boundary') {
    return `Turbine ${fault.turbine} stands ${metres} m outside the boundary${others}.`
  }
  const pair = `Turbines ${fault.turbines[0]} and ${fault.turbines[1]} stand ${metres} m apart`
  return `${pair}; the spacing is ${minSpacingM} m${others}.`
}
