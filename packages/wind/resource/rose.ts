/**
 * How often the wind blows from where and how fast: `probability[d * speedsMs.length + s]` of direction `directionsDeg[d]`
 * (degrees, where the wind comes from, clockwise from north) together with speed `speedsMs[s]` (m/s at hub height).
 * Probabilities need not sum to 1: what is missing produces nothing.
 */
export interface Rose {
  readonly directionsDeg: Float64Array
  readonly speedsMs: Float64Array
  readonly probability: Float64Array
}

/**
 * A rose with one wind speed, such as that of IEA Wind Task 37's case study 1.
 * `probability[d]` is that of direction `directionsDeg[d]`. Throws RangeError when the lengths differ.
 */
export function roseOfOneSpeed(
  directionsDeg: ArrayLike<number>,
  probability: ArrayLike<number>,
  speedMs: number,
): Rose {
  if (directionsDeg.length !== probability.length) {
    throw new RangeError(
      `a rose needs a probability for each direction, but has ${probability.length} for ${directionsDeg.length}`,
    )
  }
  return {
    directionsDeg: Float64Array.from(directionsDeg),
    speedsMs: Float64Array.of(speedMs),
    probability: Float64Array.from(probability),
  }
}
