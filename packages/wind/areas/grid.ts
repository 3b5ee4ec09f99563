import type { Layout } from '../layouts/layout.ts'
import { boundingBox, containsPoint, type Polygon } from './polygon.ts'

/**
 * The points of a `gridSize` x `gridSize` grid over the polygon's bounding box, edges included, that lie inside the polygon
 * (points on the boundary count). Metres; column by column, south to north. Throws RangeError for fewer than 2 points a side.
 */
export function gridInside(polygon: Polygon, gridSize: number): Layout {
  if (!Number.isSafeInteger(gridSize) || gridSize < 2) {
    throw new RangeError(`a grid needs a whole number of at least 2 points a side, not ${gridSize}`)
  }
  const { minXM, maxXM, minYM, maxYM } = boundingBox(polygon)
  const xM: number[] = []
  const yM: number[] = []
  for (const x of evenlySpaced(minXM, maxXM, gridSize)) {
    for (const y of evenlySpaced(minYM, maxYM, gridSize)) {
      if (!containsPoint(polygon, x, y)) continue
      xM.push(x)
      yM.push(y)
    }
  }
  return { xM: Float64Array.from(xM), yM: Float64Array.from(yM) }
}

function evenlySpaced(from: number, to: number, count: number): number[] {
  const step = (to - from) / (count - 1)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? to : from + i * step))
}
