/**
 * A simple polygon by its vertices in metres, in either orientation; the last vertex joins the first, which may or may not be
 * repeated at the end. `polygonFaults` tells whether it is one.
 */
export interface Polygon {
  readonly xM: Float64Array
  readonly yM: Float64Array
}

export interface BoundingBox {
  readonly minXM: number
  readonly maxXM: number
  readonly minYM: number
  readonly maxYM: number
}

/** A point this near to an edge (metres) counts as on it: UTM coordinates carry about 1e-9 m. */
export const boundaryToleranceM = 1e-6

/** Copies two rows of vertex coordinates (metres) into a polygon. Throws RangeError when the rows differ in length. */
export function polygonFrom(xM: ArrayLike<number>, yM: ArrayLike<number>): Polygon {
  if (xM.length !== yM.length) {
    throw new RangeError(`a polygon needs as many x as y coordinates, but has ${xM.length} and ${yM.length}`)
  }
  return { xM: Float64Array.from(xM), yM: Float64Array.from(yM) }
}

/** Tells whether a point (metres) is inside the polygon; points on the boundary, within 1e-6 m, count as inside. */
export function containsPoint(polygon: Polygon, xM: number, yM: number): boolean {
  return signedDistanceM(polygon, xM, yM) >= -boundaryToleranceM
}

/** The distance (metres) from a point to the boundary: positive inside, negative outside, NaN for a point that is not a number. */
export function signedDistanceM(polygon: Polygon, xM: number, yM: number): number {
  const { xM: xs, yM: ys } = polygon
  let nearestM = Number.POSITIVE_INFINITY
  let inside = false
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
    const ax = xs[j]! - xM
    const ay = ys[j]! - yM
    const bx = xs[i]! - xM
    const by = ys[i]! - yM
    nearestM = Math.min(nearestM, distanceFromOriginM(ax, ay, bx, by))
    // An edge that a ray towards positive x crosses; counting its lower end only makes vertices count once.
    if (ay > 0 !== by > 0 && ax - (ay * (bx - ax)) / (by - ay) > 0) inside = !inside
  }
  return inside ? nearestM : -nearestM
}

/** The enclosed area in square metres, whatever the orientation. */
export function polygonAreaM2(polygon: Polygon): number {
  const { xM, yM } = polygon
  let twiceAreaM2 = 0
  // Relative to the first vertex: products of whole UTM coordinates would lose seven digits.
  for (let i = 1; i + 1 < xM.length; i++) {
    twiceAreaM2 += (xM[i]! - xM[0]!) * (yM[i + 1]! - yM[0]!) - (xM[i + 1]! - xM[0]!) * (yM[i]! - yM[0]!)
  }
  return Math.abs(twiceAreaM2) / 2
}

/** The smallest rectangle along the axes that holds every vertex (metres). */
export function boundingBox({ xM, yM }: Polygon): BoundingBox {
  return { minXM: Math.min(...xM), maxXM: Math.max(...xM), minYM: Math.min(...yM), maxYM: Math.max(...yM) }
}

function distanceFromOriginM(ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax
  const dy = by - ay
  const lengthSquared = dx * dx + dy * dy
  const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / lengthSquared))
  return Math.hypot(ax + along * dx, ay + along * dy)
}
