/** The positions of N turbines, in metres, east (x) and north (y). Both arrays have length N; turbine i is (xM[i], yM[i]). */
export interface Layout {
  readonly xM: Float64Array
  readonly yM: Float64Array
}

/**
 * Copies two rows of coordinates (metres) into a layout.
 * Throws RangeError when the rows differ in length. Finiteness is not looked at: `infeasibilities` names such turbines.
 */
export function layoutFrom(xM: ArrayLike<number>, yM: ArrayLike<number>): Layout {
  if (xM.length !== yM.length) {
    throw new RangeError(`a layout needs as many x as y coordinates, but has ${xM.length} and ${yM.length}`)
  }
  return { xM: Float64Array.from(xM), yM: Float64Array.from(yM) }
}
