import type { Rose } from './rose.ts'
import { type SpeedBins, speedBins } from './speed-bins.ts'

/**
 * Collects a rose into other, usually fewer and wider, wind speeds: the probability of a new speed is what the old bins give
 * to its bin, each old bin being even within itself. Directions stay. What lies outside the new bins is left out, and nothing is
 * renormalised. Throws RangeError when the new bins reach beyond the old ones, because the rose says nothing about them.
 */
export function withSpeeds(rose: Rose, speedsMs: ArrayLike<number>): Rose {
  const from = speedBins(rose.speedsMs)
  const to = speedBins(speedsMs)
  if (!coversSpeeds(rose, speedsMs))
    throw new RangeError('the rose does not reach over all of the wind speeds asked for')
  const [nFrom, nTo, nDirections] = [rose.speedsMs.length, speedsMs.length, rose.directionsDeg.length]
  const probability = new Float64Array(nDirections * nTo)
  for (let d = 0; d < nDirections; d++) {
    for (let t = 0; t < nTo; t++) {
      for (let f = 0; f < nFrom; f++) {
        probability[d * nTo + t]! += rose.probability[d * nFrom + f]! * sharedPart(from, f, { bins: to, index: t })
      }
    }
  }
  return { directionsDeg: rose.directionsDeg, speedsMs: Float64Array.from(speedsMs), probability }
}

/** Whether the bins of a rose reach over all of the bins of `speedsMs` (m/s). */
export function coversSpeeds(rose: Rose, speedsMs: ArrayLike<number>): boolean {
  const from = speedBins(rose.speedsMs)
  const to = speedBins(speedsMs)
  return from.lowerMs[0]! <= to.lowerMs[0]! && from.upperMs.at(-1)! >= to.upperMs.at(-1)!
}

/** The part of bin `index` of `bins` that lies in the target bin. */
function sharedPart(bins: SpeedBins, index: number, target: { bins: SpeedBins; index: number }): number {
  const lower = bins.lowerMs[index]!
  const upper = bins.upperMs[index]!
  const shared =
    Math.min(upper, target.bins.upperMs[target.index]!) - Math.max(lower, target.bins.lowerMs[target.index]!)
  return Math.max(0, shared) / (upper - lower)
}
