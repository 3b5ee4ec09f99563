import { z } from 'zod'
import { declaresTolerance, parseDurationMs, parseDurationRangeMs, parseRange, parseSizeBytes } from './notation.ts'
import { siteSchema } from './site.ts'

/**
 * The specification of a sweep: the one source of its types, defaults, error texts and reference. Every `error` says what
 * would be accepted. Values stay as they were written (`5s..5m`); policy.ts and model.ts give them in units.
 */
const whole = (from: number, to: number) => {
  const error = `a whole number from ${from} to ${to}`
  return z.int({ error }).min(from, { error }).max(to, { error })
}
const text = (accepted: string, accepts: (value: string) => boolean) => {
  const error = () => accepted
  return z.string({ error }).refine(accepts, { error })
}
const duration = 'a duration such as 30s, 5m or 2h'
const isDuration = (value: string) => (parseDurationMs(value) ?? 0) > 0

/** The optimizers that come with Windrow, by the names a specification uses. */
export const builtInOptimizers = ['smart-start'] as const

export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/

/** Words that selectors use themselves, so no axis may be called so. */
const reservedAxisNames: readonly string[] = ['key', 'state', 'error', 'name']

const axisName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, { error: 'an axis name of letters, digits and _, starting with a letter' })
  .refine((name) => !reservedAxisNames.includes(name), {
    error: `an axis name other than ${reservedAxisNames.join(', ')}, which selectors use`,
  })

const scalar = z.union([z.string(), z.number()], { error: 'a number, a text or an object with fields' })
const pointObject = z
  .record(z.string(), z.json(), { error: 'an object with fields' })
  .refine((point) => Object.keys(point).length > 0, { error: 'an object with at least one field' })

const axisList = z
  .array(z.union([scalar, pointObject], { error: 'a number, a text or an object with fields' }))
  .min(1, { error: 'a list with at least one point' })
  .refine((points) => points.every((point) => (typeof point === 'object') === (typeof points[0] === 'object')), {
    error: 'a list of scalars only, or of objects only',
  })
  .describe('The points of the axis: numbers, texts, or objects with fields.')
const axisRange = text('a range of whole numbers such as 0..49, its first number not above its last', (value) => {
  const range = parseRange(value)
  return range !== undefined && range.to - range.from < 1e9
}).describe('Whole numbers, both ends included.')
const axisInclude = z
  .strictObject({
    from: z.string({ error: 'a file name, with #MEMBER or #/JSON/POINTER behind it if need be' }).min(1, {
      error: 'a file name, with #MEMBER or #/JSON/POINTER behind it if need be',
    }),
    pick: z
      .array(
        z
          .int({ error: 'a place in the list, counted from 0' })
          .min(0, { error: 'a place in the list, counted from 0' }),
        {
          error: 'a list of places in the included list, counted from 0',
        },
      )
      .min(1, { error: 'at least one place' })
      .optional(),
  })
  .describe('Points from a JSON or YAML file beside the specification; `pick` takes some of them.')

const axisForms = 'a list of points, a range such as 0..49, or {from: FILE#MEMBER}'
const writtenAxis = z.union([axisList, axisRange, axisInclude], { error: axisForms })
const inlinedAxis = z.union([axisList, axisRange], { error: axisForms })
const axesOf = <Axis extends z.ZodType>(axis: Axis) =>
  z
    .record(axisName, axis, { error: 'one or more axes, each with a name' })
    .refine((axes) => Object.keys(axes).length > 0, { error: 'at least one axis' })

const modelOf = <Site extends z.ZodType>(site: Site) =>
  z.strictObject(
    {
      wake: z.enum(['iea37'], { error: 'iea37' }).default('iea37').describe('The wake model.'),
      site: site.describe('The wind resource.'),
      directions: whole(4, 3600).default(360).describe('Wind directions of the rose the AEP is reported over.'),
      speeds: text('a range of wind speeds in m/s such as 3..25, within 1..60', (value) => {
        const range = parseRange(value)
        return range !== undefined && range.from >= 1 && range.to <= 60
      })
        .default('3..25')
        .describe('Wind speeds of the rose, m/s, in steps of 1 m/s.'),
    },
    { error: 'the model: wake, site, directions, speeds' },
  )

const optimizerSchema = z
  .strictObject(
    {
      name: text('the name of an optimizer', (value) => namePattern.test(value))
        .default(builtInOptimizers[0])
        .describe('A built-in optimizer, or one that the workers are configured for.'),
      grid_size: whole(2, 500).default(18).describe('Candidate positions along each side of the area.'),
      random_pct: z
        .number({ error: 'a number from 0 to 100' })
        .min(0, { error: 'a number from 0 to 100' })
        .max(100, { error: 'a number from 0 to 100' })
        .default(30)
        .describe('The best candidates, in percent, among which a turbine is placed at random.'),
      spacing_diameters: z
        .number({ error: 'a number from 0 to 50' })
        .min(0, { error: 'a number from 0 to 50' })
        .max(50, { error: 'a number from 0 to 50' })
        .default(3)
        .describe('Least distance between two turbines, in rotor diameters.'),
    },
    { error: 'the optimizer: name, grid_size, random_pct, spacing_diameters' },
  )
  .prefault({})

const toleranceForms = 'a number of configurations such as 5, or a share such as 0.5%'
const policySchema = z
  .strictObject(
    {
      attempts: whole(1, 15).default(3).describe('Attempts a configuration has before it is a dead letter.'),
      backoff: text('a range of durations such as 5s..5m', (value) => parseDurationRangeMs(value) !== undefined)
        .default('5s..5m')
        .describe('Pause before the second attempt, and the longest pause.'),
      timeout: text(`none, or ${duration}`, (value) => value === 'none' || isDuration(value))
        .default('none')
        .describe('Longest time an attempt may take.'),
      memory: text(
        'none, or a size such as 512MB or 2GB',
        (value) => value === 'none' || (parseSizeBytes(value) ?? 0) > 0,
      )
        .default('none')
        .describe('Most resident memory an attempt may use.'),
      lock: text(`${duration}, at least 1s`, (value) => (parseDurationMs(value) ?? 0) >= 1000)
        .default('2m')
        .describe('Silence after which a worker is taken for lost.'),
      tolerance: z
        .union([z.number(), z.string()], { error: toleranceForms })
        .refine(declaresTolerance, { error: toleranceForms })
        .default(0)
        .describe('Configurations that may be missing from a complete merge.'),
      priority: whole(0, 2_000_000).default(0).describe('0 is the most urgent.'),
      bad_host: z
        .union([z.literal('none'), z.int().min(2).max(100)], { error: 'none, or a whole number from 2 to 100' })
        .default(10)
        .describe('Configurations in a row that fail on one host while others succeed, before it is set aside.'),
    },
    { error: 'the policy: attempts, backoff, timeout, memory, lock, tolerance, priority, bad_host' },
  )
  .prefault({})

const mergeSchema = z
  .strictObject(
    { layout: z.enum(['keyed', 'stacked'], { error: 'keyed or stacked' }).default('keyed') },
    { error: 'the merge: layout' },
  )
  .prefault({})

const salvageSchema = z
  .strictObject(
    {
      aep: z
        .enum(['reevaluate', 'as-reported'], { error: 'reevaluate or as-reported' })
        .default('reevaluate')
        .describe('What `windrow salvage` takes for the AEP of what an earlier sweep left.'),
    },
    { error: 'the salvage: aep' },
  )
  .prefault({})

const siteFile = z.string({ error: 'a file name, or the sectors themselves' }).min(1, { error: 'a file name' })
const specificationOf = <Axis extends z.ZodType, Site extends z.ZodType>(axis: Axis, site: Site) =>
  z.strictObject(
    {
      name: text('a name of letters, digits, dot, _ and -, at most 96, starting with a letter or digit', (value) =>
        namePattern.test(value),
      ).describe('The sweep, and its id.'),
      key: text(
        'a key pattern such as farm{farm_idx}_s{seed}, in quotes if it starts with {',
        (value) => value.length > 0,
      ).describe('Names a configuration: {FIELD} stands for an axis of scalars or a field of its points.'),
      axes: axesOf(axis).describe(
        'Every combination of their points is a configuration; the last axis varies fastest.',
      ),
      model: modelOf(site),
      optimizer: optimizerSchema,
      policy: policySchema,
      merge: mergeSchema,
      salvage: salvageSchema,
    },
    { error: 'a specification: name, key, axes, model, optimizer, policy, merge, salvage' },
  )

/** A specification as it is written: axes and site may be taken from files. */
export const writtenSpecificationSchema = specificationOf(
  writtenAxis,
  z.union([siteFile, siteSchema], { error: 'a file name such as site.json, or the sectors themselves' }),
)
/** The same with everything inlined, as a manifest keeps it. What it accepts, it returns unchanged: parsing is idempotent. */
export const specificationSchema = specificationOf(inlinedAxis, siteSchema)

export type Specification = z.infer<typeof specificationSchema>
export type WrittenSpecification = z.infer<typeof writtenSpecificationSchema>
export type AxisPoints = Specification['axes'][string]
export type PointObject = z.infer<typeof pointObject>
