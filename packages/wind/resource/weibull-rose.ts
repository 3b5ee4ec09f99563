import type { Rose } from './rose.ts'
import { speedBins } from './speed-bins.ts'

/**
 * A sector-wise Weibull resource at hub height: for each of S equal sectors, the first centred on north and then clockwise, how
 * often the wind blows from it, the scale A (m/s) and the shape k.
 */
export interface WeibullResource {
  readonly sectorFrequency: ArrayLike<number>
  readonly weibullAMs: ArrayLike<number>
  readonly weibullK: ArrayLike<number>
}

/** `directions` equally spaced directions from north, and rising speeds (m/s). */
export interface RoseBins {
  readonly directions: number
  readonly speedsMs: ArrayLike<number>
  readonly sectorInterpolation?: 'nearest' | 'linear'
}

/**
 * Discretises a Weibull resource into a rose, with the semantics of PyWake's `UniformWeibullSite` (MIT, py_wake/site/xrsite.py):
 * - frequency, A and k of a direction are those of the nearest sector (PyWake's default; a direction half-way between two
 *   sectors belongs to the lower one), or interpolated linearly between sector centres;
 * - a sector's frequency is spread over the directions: frequency * (360 / directions) / sector width;
 * - the probability of a speed is the difference of the Weibull distribution between the edges of its bin (+-0.5 m/s for whole
 *   speeds), and nothing is renormalised.
 * Throws RangeError for lengths that differ, A or k that is not positive, or a count of directions that is not positive.
 */
export function weibullRose(resource: WeibullResource, bins: RoseBins): Rose {
  checkResource(resource)
  const { directions, sectorInterpolation = 'nearest' } = bins
  if (!Number.isSafeInteger(directions) || directions < 1) {
    throw new RangeError(`a wind rose needs a whole number of at least 1 direction, not ${directions}`)
  }
  const speedsMs = Float64Array.from(bins.speedsMs)
  const { lowerMs, upperMs } = speedBins(speedsMs)
  const sectors = resource.sectorFrequency.length
  const at = sectorInterpolation === 'nearest' ? nearestSector : betweenSectors
  const directionsDeg = Float64Array.from({ length: directions }, (_, d) => (d * 360) / directions)
  const probability = new Float64Array(directions * speedsMs.length)
  for (let d = 0; d < directions; d++) {
    const position = (d * sectors) / directions
    const frequency = (at(resource.sectorFrequency, position) * sectors) / directions
    const scaleMs = at(resource.weibullAMs, position)
    const shape = at(resource.weibullK, position)
    for (let s = 0; s < speedsMs.length; s++) {
      const share = weibullCdf(upperMs[s]!, scaleMs, shape) - weibullCdf(lowerMs[s]!, scaleMs, shape)
      probability[d * speedsMs.length + s] = frequency * share
    }
  }
  return { directionsDeg, speedsMs, probability }
}

function checkResource({ sectorFrequency, weibullAMs, weibullK }: WeibullResource): void {
  const sectors = sectorFrequency.length
  if (sectors === 0 || weibullAMs.length !== sectors || weibullK.length !== sectors) {
    throw new RangeError(
      `a Weibull resource needs a frequency, an A and a k for each sector, but has ${sectors}, ${weibullAMs.length} and ${weibullK.length}`,
    )
  }
  for (let i = 0; i < sectors; i++) {
    if (!(sectorFrequency[i]! >= 0) || !(weibullAMs[i]! > 0) || !(weibullK[i]! > 0)) {
      throw new RangeError(
        `sector ${i} of the Weibull resource has a negative frequency, or an A or k that is not positive`,
      )
    }
  }
}

/** `position` counts in sectors; exactly half-way goes to the lower sector, as PyWake's GridInterpolator has it. */
function nearestSector(values: ArrayLike<number>, position: number): number {
  return values[Math.ceil(position - 0.5) % values.length]!
}

function betweenSectors(values: ArrayLike<number>, position: number): number {
  const lower = Math.floor(position)
  const weight = position - lower
  return (1 - weight) * values[lower % values.length]! + weight * values[(lower + 1) % values.length]!
}

/** 1 - exp(-(u / A)^k), the power by way of exp and log, whose bits do not change between versions of V8. */
function weibullCdf(speedMs: number, scaleMs: number, shape: number): number {
  return 1 - Math.exp(-Math.exp(shape * Math.log(speedMs / scaleMs)))
}
