import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import { parseRange } from './notation.ts'
import type { FieldValue } from './plan.ts'
import type { AxisPoints, PointObject, Specification } from './specification.ts'

export type AxisPoint = FieldValue | PointObject

/** The points of one axis. A range computes them; nothing is held for each. */
export interface Axis {
  readonly name: string
  readonly length: number
  /** True when its points are objects with fields. */
  readonly ofObjects: boolean
  /** True when its points are whole numbers without a gap. */
  readonly isRange: boolean
  at(i: number): AxisPoint
  /** What stands for the point in digests: a scalar as it is, an object as the SHA-256 of its canonical JSON. */
  digestableAt(i: number): FieldValue | { readonly sha256: string }
}

/** The axes of a specification, in its order. */
export function axesOf(specification: Pick<Specification, 'axes'>): Axis[] {
  return Object.entries(specification.axes).map(([name, points]) => axisOf(name, points))
}

/** How many ranks apart neighbouring points of axis `axisIndex` are: the last axis varies fastest. */
export function strideOf(axes: readonly Axis[], axisIndex: number): number {
  return axes.slice(axisIndex + 1).reduce((product, { length }) => product * length, 1)
}

function axisOf(name: string, points: AxisPoints): Axis {
  if (typeof points !== 'string') return listAxis(name, points)
  const range = parseRange(points)
  if (!range) throw new TypeError(`axis ${name} was not parsed with the schema: ${points}`)
  const at = (i: number) => range.from + i
  return { name, length: range.to - range.from + 1, ofObjects: false, isRange: true, at, digestableAt: at }
}

function listAxis(name: string, points: readonly AxisPoint[]): Axis {
  const digests = new Map<number, string>()
  return {
    name,
    length: points.length,
    ofObjects: typeof points[0] === 'object',
    isRange: false,
    at: (i) => points[i]!,
    digestableAt: (i) => {
      const point = points[i]!
      if (typeof point !== 'object') return point
      let sha256 = digests.get(i)
      if (sha256 === undefined) {
        sha256 = createHash('sha256').update(canonicalJson(point)).digest('hex')
        digests.set(i, sha256)
      }
      return { sha256 }
    },
  }
}
