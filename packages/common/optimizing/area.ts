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

/** Areas that were found to be sound, by the points they stand in: a sweep has few of them and very many configurations. */
const sound = new WeakMap<object, Area>()

const coordinates = z.array(z.number()).min(3)

/** Reads the area of a configuration, `x` and `y` or `boundary: {x, y}`; PROBLEM_INVALID unless it bounds a wind farm. */
export function areaOf(configuration: Configuration): Area {
  const rows = rowsOf(configuration)
  const point = configuration.point[rows.x.axis]
  const known = isObject(point) ? sound.get(point) : undefined
  if (known) return known
  const area = readArea(configuration, rows)
  if (isObject(point)) sound.set(point, area)
  return area
}

/** Where the coordinates of a boundary stand. */
interface Rows {
  readonly x: Found
  readonly y: Found
  /** The field that holds both. */
  readonly whole?: Found
}

function rowsOf(configuration: Configuration): Rows {
  const whole = findField(configuration, 'boundary')
  if (whole) {
    const row = (name: 'x' | 'y') => {
      const value = isObject(whole.value) ? whole.value[name] : undefined
      return { axis: whole.axis, field: `${whole.field}.${name}`, value }
    }
    return { x: row('x'), y: row('y'), whole }
  }
  const x = findField(configuration, 'x')
  if (!x) throw missingField(configuration, 'x', 'area')
  const y = findField(configuration, 'y')
  if (!y) throw missingField(configuration, 'y', 'area')
  if (x.axis !== y.axis) throw problemInvalid(configuration, y, `x is a field of axis ${x.axis}, so y must be one, too`)
  return { x, y }
}

function readArea(configuration: Configuration, rows: Rows): Area {
  const found = rows.whole ?? rows.x
  const [x, y] = [rowOf(configuration, rows.x), rowOf(configuration, rows.y)]
  if (x.length !== y.length) {
    throw problemInvalid(configuration, found, `x has ${x.length} coordinates, y has ${y.length}`)
  }
  const [fault] = polygonFaults(polygonFrom(x, y))
  if (fault) throw problemInvalid(configuration, found, describeFault(fault))
  return { axis: found.axis, boundary: { x, y }, fields: rows.whole ? ['boundary'] : ['x', 'y'] }
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
