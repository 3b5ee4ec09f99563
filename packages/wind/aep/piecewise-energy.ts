import type { ExpectedEnergy } from './expected-energy.ts'
import type { WindModel } from './wind-model.ts'

/** Directions with one distribution of speeds share a table; a rose of more distributions is summed up speed by speed. */
const mostTables = 64

/**
 * `ExpectedEnergy` for a power curve that is linear between its knees: then the sum over all speeds U of
 * probability * power(U * left) is linear between the knots knee / U in `left`, the share of the wind speed that wakes leave.
 * One look-up instead of one a speed; the same but for rounding. undefined where tables do not pay.
 */
export function piecewiseEnergy(model: WindModel, direct: ExpectedEnergy): ExpectedEnergy | undefined {
  const { rose, turbine } = model
  if (!turbine.kneesMs) return undefined
  const tableOf = groupDirections(rose.probability, rose.speedsMs.length)
  const directions = [...new Set(tableOf)].map((table) => tableOf.indexOf(table))
  if (directions.length > mostTables) return undefined
  const knots = knotsOf(turbine.kneesMs, rose.speedsMs)
  const tables = directions.map((direction) => tabulate(knots, (squared) => direct(direction, squared)))
  const starts = bucketsOf(knots)
  const buckets = starts.length - 1
  return (direction, squaredDeficits) => {
    const left = 1 - Math.sqrt(squaredDeficits)
    const { values, slopes } = tables[tableOf[direction]!]!
    if (!(left > 0)) return values[0]!
    let i = starts[(left * buckets) | 0]!
    while (knots[i + 1]! <= left) i++
    return values[i]! + slopes[i]! * (left - knots[i]!)
  }
}

/** For every direction the number of its distribution of speeds: equal rows of the rose have one number. */
function groupDirections(probability: Float64Array, speeds: number): number[] {
  const numbers = new Map<string, number>()
  return Array.from({ length: probability.length / speeds }, (_, direction) => {
    const row = probability.subarray(direction * speeds, (direction + 1) * speeds).join()
    const number = numbers.get(row) ?? numbers.size
    numbers.set(row, number)
    return number
  })
}

/** Rising, from 0 to beyond 1: where the speed left of some U crosses a knee of the power curve. */
function knotsOf(kneesMs: Float64Array, speedsMs: Float64Array): Float64Array {
  const knots = [0, 1]
  for (const speedMs of speedsMs) {
    for (const kneeMs of kneesMs) if (kneeMs > 0 && kneeMs < speedMs) knots.push(kneeMs / speedMs)
  }
  const rising = Float64Array.from(new Set(knots)).sort()
  return Float64Array.of(...rising, Number.POSITIVE_INFINITY)
}

function tabulate(knots: Float64Array, energyOf: (squaredDeficits: number) => number) {
  const finite = knots.subarray(0, -1)
  const values = finite.map((left) => energyOf((1 - left) * (1 - left)))
  const slopes = values.map((value, i) =>
    i + 1 < values.length ? (values[i + 1]! - value) / (finite[i + 1]! - finite[i]!) : 0,
  )
  return { values, slopes }
}

/** For evenly wide buckets of [0, 1], the last knot that is not beyond a bucket's lower edge. */
function bucketsOf(knots: Float64Array): Int32Array {
  const buckets = 2 * knots.length
  const starts = new Int32Array(buckets + 1)
  let i = 0
  for (let b = 0; b <= buckets; b++) {
    while (knots[i + 1]! <= b / buckets) i++
    // One knot early: rounding may put a value at a bucket's edge into the next bucket.
    starts[b] = Math.max(0, i - 1)
  }
  return starts
}
