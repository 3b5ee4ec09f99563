import { WindrowError } from '../errors/windrow-error.ts'
import type { Configuration } from '../sweep/plan.ts'

/**
 * What a problem takes from the points of a configuration, and the names it may have there. The axes may be called
 * anything, and a field may stand in any of them; an axis of scalars may have one of these names itself.
 */
export const aliases = {
  /** Vertices of the area, metres; or both as `boundary: {x, y}`. */
  x: ['x'],
  y: ['y'],
  boundary: ['boundary'],
  rotorDiameterM: ['D', 'diameter', 'rotor_diameter', 'rotor_diameter_m'],
  hubHeightM: ['hub', 'hub_height', 'hub_height_m'],
  ratedPowerMW: ['rated_MW', 'rated_power_MW'],
  nTurbines: ['n_turbines'],
  seed: ['ss_seed', 'seed'],
} as const satisfies Record<string, readonly string[]>
export type Quantity = keyof typeof aliases

/** A value and where it stands. */
export interface Found {
  readonly axis: string
  readonly field: string
  readonly value: unknown
}

/** The field of a quantity; undefined when no point has it. PROBLEM_INVALID when two have it. */
export function findField(configuration: Configuration, quantity: Quantity): Found | undefined {
  const found: Found[] = []
  for (const [axis, point] of Object.entries(configuration.point)) {
    for (const field of aliases[quantity]) {
      const isThere = isObject(point) ? Object.hasOwn(point, field) : field === axis
      if (isThere) found.push({ axis, field, value: isObject(point) ? point[field] : point })
    }
  }
  const [first, ...others] = found
  if (first && others.length > 0) {
    const places = found.map((place) => (place.axis === place.field ? place.axis : `${place.axis}.${place.field}`))
    const fault = `the same quantity is given twice, as ${places.join(' and ')}; keep one of them`
    throw problemInvalid(configuration, first, fault)
  }
  return first
}

/** A number within limits. PROBLEM_INVALID says what is missing, or what the number must be. */
export function requireNumber(
  configuration: Configuration,
  quantity: Quantity,
  limits: NumberLimits,
): Found & { value: number } {
  const found = findField(configuration, quantity)
  if (!found) throw missingField(configuration, quantity, limits.what)
  const { value } = found
  const fits = typeof value === 'number' && value >= limits.from && value <= limits.to
  if (!fits || (limits.whole && !Number.isSafeInteger(value))) {
    const kind = limits.whole ? 'a whole number' : 'a number'
    throw problemInvalid(configuration, found, `${limits.what} must be ${kind} from ${limits.from} to ${limits.to}`)
  }
  return { ...found, value }
}

export interface NumberLimits {
  /** In words, with its unit. */
  readonly what: string
  readonly from: number
  readonly to: number
  readonly whole?: boolean
}

export function missingField(configuration: Configuration, quantity: Quantity, what: string): WindrowError {
  const axes = Object.keys(configuration.point)
  const names = aliases[quantity].join(' or ')
  return new WindrowError('PROBLEM_INVALID', {
    message: `Configuration ${configuration.key} has no ${what}: none of the axes ${axes.join(', ')} has a field ${names}.`,
    context: { key: configuration.key, axes, accepted: aliases[quantity] },
    next: `Give the points of one axis a field ${names}.`,
  })
}

/** PROBLEM_INVALID that names axis, point and field. */
export function problemInvalid(
  configuration: Configuration,
  { axis, field, value }: Found,
  fault: string,
): WindrowError {
  const shown = value === undefined ? 'missing' : (JSON.stringify(value)?.slice(0, 60) ?? String(value))
  const point = pointName(configuration, axis)
  return new WindrowError('PROBLEM_INVALID', {
    message: `Axis ${axis}, point ${point}, field ${field}: ${fault} (it is ${shown}).`,
    context: { key: configuration.key, axis, point, field },
  })
}

/** What people call the point that a configuration has on an axis: its name, else its first scalar field, else its value. */
export function pointName({ point }: Pick<Configuration, 'point'>, axis: string): string {
  const chosen = point[axis]
  if (!isObject(chosen)) return String(chosen)
  const { name } = chosen
  if (typeof name === 'string') return name
  const scalar = Object.entries(chosen).find(([, value]) => typeof value === 'number' || typeof value === 'string')
  return scalar ? `${scalar[0]}=${scalar[1]}` : axis
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
