import { polygonFrom } from '@windrow/wind/areas/polygon.ts'
import { type PolygonFault, polygonFaults } from '@windrow/wind/areas/polygon-validity.ts'
import { z } from 'zod'
import type { Configuration } from '../sweep/plan.ts'
import { type Found, findField, isObject, missingField, problemInvalid } from './point-fields.ts'

export interface Area {
  readonly axis: string
  /** Vertices of the boundary, metres. */
  readonly boundary: { readonly x: number[]; readonly y: number[] }
  /** The fields it was read from. */
  readonly fields: readonly string[]
}

const coordinates = z.array(z.number()).min(3)

/** Reads the area of a configuration, `x` and `y` or `boundary: {x, y}`; PROBLEM_INVALID unless it bounds a wind farm. */
export function areaOf(configuration: Configuration): Area {
  const { found, x, y } = coordinatesOf(configuration)
  if (x.length !== y.length) {
    throw problemInvalid(configuration, found, `x has ${x.length} coordinates, y has ${y.length}`)
  }
  const [fault] = polygonFaults(polygonFrom(x, y))
  if (fault) throw problemInvalid(configuration, found, describeFault(fault))
  return { axis: found.axis, boundary: { x, y }, fields: found.field === 'boundary' ? ['boundary'] : ['x', 'y'] }
}

function coordinatesOf(configuration: Configuration): { found: Found; x: number[]; y: number[] } {
  const whole = findField(configuration, 'boundary')
  if (whole) {
    const row = (name: 'x' | 'y') => {
      const value = isObject(whole.value) ? whole.value[name] : undefined
      return rowOf(configuration, { axis: whole.axis, field: `${whole.field}.${name}`, value })
    }
    return { found: whole, x: row('x'), y: row('y') }
  }
  const x = findField(configuration, 'x')
  if (!x) throw missingField(configuration, 'x', 'area')
  const y = findField(configuration, 'y')
  if (!y) throw missingField(configuration, 'y', 'area')
  if (x.axis !== y.axis) throw problemInvalid(configuration, y, `x is a field of axis ${x.axis}, so y must be one, too`)
  return { found: x, x: rowOf(configuration, x), y: rowOf(configuration, y) }
}

function rowOf(configuration: Configuration, found: Found): number[] {
  const parsed = coordinates.safeParse(found.value)
  if (parsed.success) return parsed.data
  throw problemInvalid(configuration, found, 'an area needs a list of at least three coordinates in metres')
}

function describeFault(fault: PolygonFault): string {
  switch (fault.kind) {
    case 'not-finite':
      return `vertex ${fault.vertex} of the area is not a finite number`
    case 'too-few-vertices':
      return `an area needs at least three different vertices, but there are ${fault.distinct}`
    case 'self-intersecting':
      return `the edges of the area that start at vertices ${fault.edges.join(' and ')} cross or touch`
    case 'no-area':
      return 'the polygon encloses no area'
  }
}
