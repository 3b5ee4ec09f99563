import { z } from 'zod'
import { WindrowError } from '../errors/windrow-error.ts'
import { gridOf } from '../sweep/grid.ts'
import { parseRange } from '../sweep/notation.ts'
import type { Configuration, FieldValue } from '../sweep/plan.ts'
import { siteSchema } from '../sweep/site.ts'
import type { Specification } from '../sweep/specification.ts'
import { areaOf } from './area.ts'
import { type Found, pointName, requireNumber } from './point-fields.ts'

const attributeSchema = z.strictObject({
  name: z.string(),
  value: z.union([z.string(), z.number()]),
  /** How the result file holds it, the same in every configuration of the sweep. */
  kind: z.enum(['whole', 'real', 'text']),
})

/** One layout problem as JSON: all that an optimizer is told, and what its result says of the configuration. */
export const problemSchema = z.strictObject({
  schema: z.literal(1),
  key: z.string(),
  /** What people call area and turbine type. */
  areaName: z.string(),
  typeName: z.string(),
  /** Polygon vertices, metres. */
  boundary: z.strictObject({ x: z.array(z.number()).min(3), y: z.array(z.number()).min(3) }),
  nTurbines: z.int().positive(),
  turbine: z.strictObject({
    rotorDiameterM: z.number().positive(),
    hubHeightM: z.number().positive(),
    ratedPowerMW: z.number().positive(),
  }),
  site: siteSchema,
  wake: z.enum(['iea37']),
  /** Directions of the rose, evenly spaced from north. */
  directions: z.int().positive(),
  /** Wind speeds of the rose, m/s, every whole number from the first to the second. */
  speeds: z.strictObject({ fromMs: z.int().positive(), toMs: z.int().positive() }),
  minSpacingM: z.number().nonnegative(),
  optimizer: z.strictObject({ name: z.string(), gridSize: z.int(), randomPct: z.number() }),
  seed: z.int().nonnegative(),
  /** Attributes of the result, in their order: diameter, then the fields of the key pattern. */
  attributes: z.array(attributeSchema),
  /** Other scalar fields of the points. */
  extra: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type Problem = z.infer<typeof problemSchema>
export type ProblemAttribute = Problem['attributes'][number]

/**
 * The layout problem of a configuration. Area, turbine type and seed are found by the names of their fields (aliases in
 * point-fields.ts), whatever the axes are called. PROBLEM_INVALID names axis, point and field.
 */
export function problemOf(configuration: Configuration, specification: Specification): Problem {
  const { spacingDiameters, ...shared } = sharedBy(specification)
  const area = areaOf(configuration)
  const turbine = turbineOf(configuration)
  const count = requireNumber(configuration, 'nTurbines', {
    what: 'number of turbines',
    from: 1,
    to: 100_000,
    whole: true,
  })
  const seed = requireNumber(configuration, 'seed', { what: 'seed', from: 0, to: Number.MAX_SAFE_INTEGER, whole: true })
  return {
    schema: 1,
    key: configuration.key,
    areaName: pointName(configuration, area.axis),
    typeName: typeNameOf(configuration, turbine),
    boundary: area.boundary,
    nTurbines: count.value,
    turbine: {
      rotorDiameterM: turbine.diameter.value,
      hubHeightM: turbine.hub.value,
      ratedPowerMW: turbine.rated.value,
    },
    ...shared,
    minSpacingM: spacingDiameters * turbine.diameter.value,
    seed: seed.value,
    ...attributesOf(configuration, specification, [turbine.diameter, count]),
  }
}

/** What all problems of a specification have in common. */
type Shared = Pick<Problem, 'site' | 'wake' | 'directions' | 'speeds' | 'optimizer'> & { spacingDiameters: number }

const knownShared = new WeakMap<Specification, Shared>()

function sharedBy(specification: Specification): Shared {
  const known = knownShared.get(specification)
  if (known) return known
  const { model, optimizer } = specification
  const { source: _source, ...site } = model.site
  const made = {
    site,
    wake: model.wake,
    directions: model.directions,
    speeds: speedsOf(model.speeds),
    optimizer: { name: optimizer.name, gridSize: optimizer.grid_size, randomPct: optimizer.random_pct },
    spacingDiameters: optimizer.spacing_diameters,
  }
  knownShared.set(specification, made)
  return made
}

function turbineOf(configuration: Configuration) {
  return {
    diameter: requireNumber(configuration, 'rotorDiameterM', { what: 'rotor diameter in metres', from: 1, to: 500 }),
    hub: requireNumber(configuration, 'hubHeightM', { what: 'hub height in metres', from: 1, to: 500 }),
    // The upper limit finds watts and kilowatts taken for megawatts.
    rated: requireNumber(configuration, 'ratedPowerMW', { what: 'rated power in MW', from: 0.001, to: 50 }),
  }
}

type TurbineFields = ReturnType<typeof turbineOf>

/** `type_idx=5 (15 MW, D 240 m)`. */
function typeNameOf(configuration: Configuration, { diameter, rated }: TurbineFields): string {
  return `${pointName(configuration, diameter.axis)} (${rated.value} MW, D ${diameter.value} m)`
}

function speedsOf(speeds: string): Problem['speeds'] {
  const range = parseRange(speeds)
  if (!range) throw new TypeError(`model.speeds was not parsed with the schema: ${speeds}`)
  return { fromMs: range.from, toMs: range.to }
}

/** Attributes that every result has, whatever the fields of its sweep are called. */
const ownAttributes: readonly string[] = ['status', 'aep', 'n_turbines', 'diameter']
const longestExtra = 16_384

function attributesOf(
  configuration: Configuration,
  specification: Specification,
  [diameter, count]: readonly [Found, Found],
): Pick<Problem, 'attributes' | 'extra'> {
  const grid = gridOf(specification)
  const kindOf = (name: string, value: FieldValue): ProblemAttribute['kind'] => {
    if (typeof value === 'string') return 'text'
    return grid.wholeFields.has(name) ? 'whole' : 'real'
  }
  const nameOf = ({ axis, field }: Found) =>
    grid.fields.find((candidate) => candidate.axis.name === axis && (candidate.member ?? axis) === field)?.name ?? field
  const diameterValue = Number(diameter.value)
  const attributes: ProblemAttribute[] = [
    { name: 'diameter', value: diameterValue, kind: kindOf(nameOf(diameter), diameterValue) },
  ]
  // These two are attributes already, under the names that readers of results know.
  const said = new Set([nameOf(diameter), nameOf(count)])
  for (const { name } of grid.keyFields) {
    const value = configuration.fields[name]
    if (value === undefined || said.has(name) || ownAttributes.includes(name)) continue
    said.add(name)
    attributes.push({ name, value, kind: kindOf(name, value) })
  }
  const extra = Object.fromEntries(Object.entries(configuration.fields).filter(([name]) => !said.has(name)))
  if (JSON.stringify(extra).length > longestExtra) {
    throw new WindrowError('PROBLEM_INVALID', {
      message: `The scalar fields of configuration ${configuration.key} take more than ${longestExtra} characters; a result cannot hold them.`,
      context: { key: configuration.key, fields: Object.keys(extra) },
      next: 'Shorten the texts among the fields of the axes.',
    })
  }
  return { attributes, extra }
}
