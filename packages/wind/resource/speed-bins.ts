export interface SpeedBins {
  readonly lowerMs: Float64Array
  readonly upperMs: Float64Array
}

/**
 * The bins (m/s) that rising speeds stand for: each reaches half-way to its neighbours, the outer ones as far outwards as
 * inwards, none below 0; a single speed stands for 1 m/s. As in PyWake (MIT), `LocalWind.set_W` in py_wake/site/_site.py.
 * Throws RangeError when there are no speeds or they do not rise.
 */
export function speedBins(speedsMs: ArrayLike<number>): SpeedBins {
  const n = speedsMs.length
  const edges = new Float64Array(n + 1)
  if (n === 0) throw new RangeError('a wind rose needs at least one wind speed')
  for (let i = 1; i < n; i++) {
    if (!(speedsMs[i]! > speedsMs[i - 1]!)) throw new RangeError('the wind speeds of a rose must rise')
    edges[i] = speedsMs[i - 1]! + (speedsMs[i]! - speedsMs[i - 1]!) / 2
  }
  edges[0] = Math.max(0, speedsMs[0]! - (n > 1 ? (speedsMs[1]! - speedsMs[0]!) / 2 : 0.5))
  edges[n] = speedsMs[n - 1]! + (n > 1 ? (speedsMs[n - 1]! - speedsMs[n - 2]!) / 2 : 0.5)
  return { lowerMs: edges.slice(0, n), upperMs: edges.slice(1) }
}
