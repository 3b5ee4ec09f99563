import type { WindModel } from '../aep/wind-model.ts'
import { gridInside } from '../areas/grid.ts'
import type { Polygon } from '../areas/polygon.ts'
import type { Layout } from '../layouts/layout.ts'
import { type SeededGenerator, seededGenerator } from '../random/seeded-generator.ts'
import { coversSpeeds, withSpeeds } from '../resource/coarser-rose.ts'
import { CandidateMap } from './candidate-map.ts'
import { NoFeasiblePositionsError } from './no-feasible-positions.ts'

export interface SmartStartInput {
  readonly boundary: Polygon
  readonly model: WindModel
  readonly nTurbines: number
  /** Points a side of the grid over the bounding box. */
  readonly gridSize: number
  /** Choose among this share (0 to 100 %) of the free positions, the best ones. */
  readonly randomPct: number
  readonly minSpacingM: number
  /** A whole number of 0 to 2^53 - 1. */
  readonly seed: number
  readonly onProgress?: (progress: SmartStartProgress) => void
}

export interface SmartStartProgress {
  readonly placed: number
  readonly wanted: number
  readonly evaluations: number
}

export interface SmartStartResult {
  readonly layout: Layout
  /** How many times the AEP of a candidate position was looked at: the sum of the free positions over all placements. */
  readonly evaluations: number
}

/** The wind speeds (m/s) of TOPFARM's `get_aep4smart_start`. */
const mapSpeedsMs = [6, 8, 10, 12, 14]

/**
 * SmartStart, with TOPFARM's semantics (TopFarm2, DTU Wind, MIT: `smart_start` in topfarm/utils.py, its boundary mask in
 * topfarm/_topfarm.py and `get_aep4smart_start` in topfarm/cost_models/py_wake_wrapper.py): one turbine after the other is placed
 * on a grid point inside the boundary, chosen uniformly among the `randomPct` % (at least one, ties included) with the highest
 * AEP of their own in the wakes so far; then the points nearer than the spacing are deleted.
 *
 * The map counts all directions of the model's rose and its speeds collected into 6, 8, 10, 12 and 14 m/s (5 to 15 m/s in all).
 * It takes a bin of the rose for even within itself, where PyWake integrates the Weibull distribution: its weights differ by less
 * than 1 %. A rose that does not reach over these speeds, such as one of a single speed, counts as it is.
 *
 * The same input gives the same bits. Throws NoFeasiblePositionsError when no point is left before all turbines stand, and
 * RangeError for input out of range.
 */
export function smartStart(input: SmartStartInput): SmartStartResult {
  const { boundary, model, nTurbines, gridSize, minSpacingM, onProgress } = input
  checkInput(input)
  const generator = seededGenerator(input.seed)
  const candidates = gridInside(boundary, gridSize)
  const map = new CandidateMap(candidates, mapModel(model))
  const layout: Layout = { xM: new Float64Array(nTurbines), yM: new Float64Array(nTurbines) }
  let evaluations = 0
  for (let placed = 0; placed < nTurbines; placed++) {
    if (map.free.length === 0) throw new NoFeasiblePositionsError(placed, nTurbines)
    const candidate = map.free[oneOfTheBest(map.aepGWh(), input.randomPct, generator)]!
    evaluations += map.free.length
    layout.xM[placed] = candidates.xM[candidate]!
    layout.yM[placed] = candidates.yM[candidate]!
    map.place(candidate, minSpacingM)
    onProgress?.({ placed: placed + 1, wanted: nTurbines, evaluations })
  }
  return { layout, evaluations }
}

function checkInput({ nTurbines, randomPct, minSpacingM }: SmartStartInput): void {
  if (!Number.isSafeInteger(nTurbines) || nTurbines < 1) {
    throw new RangeError(`SmartStart needs a whole number of at least 1 turbine, not ${nTurbines}`)
  }
  if (!(randomPct >= 0 && randomPct <= 100)) {
    throw new RangeError(`SmartStart chooses among 0 to 100 % of the positions, not ${randomPct} %`)
  }
  if (!(minSpacingM >= 0)) throw new RangeError(`the spacing must be 0 m or more, not ${minSpacingM}`)
}

function mapModel(model: WindModel): WindModel {
  if (!coversSpeeds(model.rose, mapSpeedsMs)) return model
  return { ...model, rose: withSpeeds(model.rose, mapSpeedsMs) }
}

/** An index into `values`: uniform among the best `percent` %, at least one, and all that equal the worst of these. */
function oneOfTheBest(values: Float64Array, percent: number, generator: SeededGenerator): number {
  const best = Math.max(1, roundHalfToEven((percent / 100) * values.length))
  const threshold = values.toSorted()[values.length - best]!
  const choices = Array.from(values.keys()).filter((i) => values[i]! >= threshold)
  return choices[generator.nextBelow(choices.length)]!
}

/** As numpy.round, which TOPFARM uses. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}
