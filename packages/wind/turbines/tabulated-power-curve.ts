import type { PowerCurve } from './turbine.ts'

/**
 * A power curve through points of rising speed (m/s) and power (MW), linear between them and constant beyond both ends, as
 * numpy.interp. Takes constant time for a call. Throws RangeError for fewer than two points or speeds that do not rise.
 */
export function tabulatedPowerCurve(speedsMs: ArrayLike<number>, powersMw: ArrayLike<number>): PowerCurve {
  checkTable(speedsMs, powersMw)
  const speeds = Float64Array.from(speedsMs)
  const powers = Float64Array.from(powersMw)
  const last = speeds.length - 1
  const slopes = Float64Array.from(
    { length: last },
    (_, i) => (powers[i + 1]! - powers[i]!) / (speeds[i + 1]! - speeds[i]!),
  )
  const firstMs = speeds[0]!
  const lastMs = speeds[last]!
  const { starts, perMs } = intervalIndex(speeds)
  return (speedMs) => {
    if (!(speedMs > firstMs)) return powers[0]!
    if (speedMs >= lastMs) return powers[last]!
    let i = starts[((speedMs - firstMs) * perMs) | 0]!
    while (speeds[i + 1]! <= speedMs) i++
    return powers[i]! + slopes[i]! * (speedMs - speeds[i]!)
  }
}

function checkTable(speedsMs: ArrayLike<number>, powersMw: ArrayLike<number>): void {
  if (speedsMs.length < 2 || speedsMs.length !== powersMw.length) {
    throw new RangeError(
      `a power curve needs two points or more, but has ${speedsMs.length} speeds and ${powersMw.length} powers`,
    )
  }
  for (let i = 1; i < speedsMs.length; i++) {
    if (!(speedsMs[i]! > speedsMs[i - 1]!)) throw new RangeError('the wind speeds of a power curve must rise')
  }
}

/** For evenly wide buckets of speed, the interval of the table that a bucket's lower edge lies in, or the one before. */
function intervalIndex(speeds: Float64Array): { starts: Int32Array; perMs: number } {
  const spanMs = speeds.at(-1)! - speeds[0]!
  const buckets = 4 * speeds.length
  const perMs = buckets / spanMs
  const starts = new Int32Array(buckets + 1)
  let interval = 0
  for (let b = 0; b <= buckets; b++) {
    // One bucket early: the rounding of the division below may put a speed into the next bucket.
    const edgeMs = speeds[0]! + (b - 1) / perMs
    while (interval < speeds.length - 2 && speeds[interval + 1]! <= edgeMs) interval++
    starts[b] = interval
  }
  return { starts, perMs }
}
