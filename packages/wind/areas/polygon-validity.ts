import { type Polygon, polygonAreaM2 } from './polygon.ts'

/** Why a row of vertices is not an area. Vertices and edges count from 0; edge i runs from vertex i to the next one. */
export type PolygonFault =
  | { readonly kind: 'not-finite'; readonly vertex: number }
  | { readonly kind: 'too-few-vertices'; readonly distinct: number }
  | { readonly kind: 'self-intersecting'; readonly edges: readonly [number, number] }
  | { readonly kind: 'no-area' }

/**
 * Lists why a polygon cannot bound a wind farm: coordinates that are not finite, fewer than three distinct vertices, edges that
 * cross, touch or fold back on each other, or no area. Empty when it is valid. Either orientation is fine, and so is a repeated
 * vertex, such as the first at the end.
 */
export function polygonFaults(polygon: Polygon): PolygonFault[] {
  const notFinite = verticesNotFinite(polygon)
  if (notFinite.length > 0) return notFinite.map((vertex) => ({ kind: 'not-finite', vertex }))
  const corners = withoutRepeats(polygon)
  if (corners.length < 3) return [{ kind: 'too-few-vertices', distinct: corners.length }]
  const crossing = firstCrossing(polygon, corners)
  if (crossing !== undefined) return [{ kind: 'self-intersecting', edges: crossing }]
  return polygonAreaM2(polygon) > 0 ? [] : [{ kind: 'no-area' }]
}

function verticesNotFinite({ xM, yM }: Polygon): number[] {
  return Array.from(xM.keys()).filter((i) => !Number.isFinite(xM[i]!) || !Number.isFinite(yM[i]!))
}

function withoutRepeats({ xM, yM }: Polygon): number[] {
  const n = xM.length
  return Array.from(xM.keys()).filter((i) => {
    const next = (i + 1) % n
    return xM[i] !== xM[next] || yM[i] !== yM[next]
  })
}

function firstCrossing(polygon: Polygon, corners: readonly number[]): readonly [number, number] | undefined {
  const n = corners.length
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const [a, b, c, d] = [corners[i]!, corners[(i + 1) % n]!, corners[j]!, corners[(j + 1) % n]!]
      const clash = b === c || d === a ? foldsBack(polygon, [a, b, c, d]) : segmentsMeet(polygon, [a, b, c, d])
      if (clash) return [a, c]
    }
  }
  return undefined
}

type FourVertices = readonly [number, number, number, number]

/** Neighbouring edges share one vertex; they may share nothing else, so their far ends may not lie on the same side of it. */
function foldsBack(polygon: Polygon, [a, b, c, d]: FourVertices): boolean {
  const [before, shared, after] = b === c ? [a, b, d] : [c, a, b]
  if (turn(polygon, [before, shared, after]) !== 0) return false
  const { xM, yM } = polygon
  const alongX = (xM[before]! - xM[shared]!) * (xM[after]! - xM[shared]!)
  const alongY = (yM[before]! - yM[shared]!) * (yM[after]! - yM[shared]!)
  return alongX + alongY > 0
}

function segmentsMeet(polygon: Polygon, [a, b, c, d]: FourVertices): boolean {
  const turns = [turn(polygon, [a, b, c]), turn(polygon, [a, b, d]), turn(polygon, [c, d, a]), turn(polygon, [c, d, b])]
  if (turns[0]! * turns[1]! < 0 && turns[2]! * turns[3]! < 0) return true
  return (
    (turns[0] === 0 && between(polygon, [a, b, c])) ||
    (turns[1] === 0 && between(polygon, [a, b, d])) ||
    (turns[2] === 0 && between(polygon, [c, d, a])) ||
    (turns[3] === 0 && between(polygon, [c, d, b]))
  )
}

type ThreeVertices = readonly [number, number, number]

/** 1 when a, b, c turn left, -1 when they turn right, 0 when they lie on one line. */
function turn({ xM, yM }: Polygon, [a, b, c]: ThreeVertices): number {
  return Math.sign((xM[b]! - xM[a]!) * (yM[c]! - yM[a]!) - (yM[b]! - yM[a]!) * (xM[c]! - xM[a]!))
}

/** Whether c, known to lie on the line through a and b, lies between them. */
function between({ xM, yM }: Polygon, [a, b, c]: ThreeVertices): boolean {
  const withinX = Math.min(xM[a]!, xM[b]!) <= xM[c]! && xM[c]! <= Math.max(xM[a]!, xM[b]!)
  return withinX && Math.min(yM[a]!, yM[b]!) <= yM[c]! && yM[c]! <= Math.max(yM[a]!, yM[b]!)
}
