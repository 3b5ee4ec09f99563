import { WindrowError } from '../errors/windrow-error.ts'
import { type Axis, axesOf, strideOf } from './axes.ts'
import { type Field, type FieldTable, fieldsOf, fieldValueAt, isWholeEverywhere } from './fields.ts'
import { configurationDigests, type DigestablePoint } from './identity.ts'
import { type KeyPart, keyFault, keyRule, parseKeyPattern } from './key-pattern.ts'
import { keyTable } from './key-table.ts'
import type { Configuration, FieldValue } from './plan.ts'
import type { Specification } from './specification.ts'
import type { SpecificationIssue } from './specification-issues.ts'

/** One specification expanded: configurations by rank, computed as mixed-radix numbers, the last axis varying fastest. */
export interface Grid {
  readonly specification: Specification
  readonly axes: readonly Axis[]
  readonly total: number
  /** Those of the key pattern first. */
  readonly fields: readonly Field[]
  /** Fields that the key pattern names. */
  readonly keyFields: readonly Field[]
  /** Names of the fields that are whole numbers in every point. */
  readonly wholeFields: ReadonlySet<string>
  keyAt(rank: number): string
  /** The configuration without its place in the ledger. */
  at(rank: number): Omit<Configuration, 'index'>
  digestAt(rank: number): string
  /** Places in each axis. */
  placesAt(rank: number): number[]
}

const mostConfigurations = 10_000_000

const grids = new WeakMap<Specification, Grid>()

/** The grid of a specification; SPEC_INVALID or KEY_INVALID when its key pattern does not fit its axes. */
export function gridOf(specification: Specification): Grid {
  const known = grids.get(specification)
  if (known) return known
  const issues: SpecificationIssue[] = []
  const grid = buildGrid(specification, issues)
  const [first] = issues
  if (first) {
    const message = issues.map(({ message, accepted }) => `${message}; accepted: ${accepted ?? '-'}`).join('\n')
    throw new WindrowError(first.code, { message, context: { sweep: specification.name, issues } })
  }
  grids.set(specification, grid)
  return grid
}

/** What keeps a specification from being expanded: its key pattern, its keys, its size. Looks at every key. */
export function expansionIssues(specification: Specification): SpecificationIssue[] {
  const issues: SpecificationIssue[] = []
  const grid = buildGrid(specification, issues)
  if (issues.length === 0) checkTold(grid, issues)
  if (issues.length === 0) checkKeys(grid, issues)
  if (issues.length === 0) grids.set(specification, grid)
  return issues
}

function buildGrid(specification: Specification, issues: SpecificationIssue[]): Grid {
  const axes = axesOf(specification)
  const total = axes.reduce((product, { length }) => product * length, 1)
  const fields = fieldsOf(axes)
  issues.push(...sizeIssues(total), ...nameIssues(fields))
  const pattern = issues.length > 0 ? [] : parseKeyPattern(specification.key, fields, issues)
  const keyFields = [...new Set(pattern.filter((part) => typeof part !== 'string'))]
  const ordered = [...keyFields, ...fields.all.filter((field) => !keyFields.includes(field))]
  const { placesAt, pointOf, digestableOf } = pointsOf(axes)
  const keyAt = keyWriter(axes, pattern)
  const digest = lazily(() => configurationDigests(specification))
  const wholeFields = lazily(() => new Set(ordered.filter(isWholeEverywhere).map(({ name }) => name)))
  return {
    specification,
    axes,
    total,
    fields: ordered,
    keyFields,
    get wholeFields() {
      return wholeFields()
    },
    keyAt,
    at: (rank) => {
      const places = placesAt(rank)
      return { key: keyAt(rank), point: pointOf(places), fields: fieldValues(ordered, places) }
    },
    digestAt: (rank) => digest()(keyAt(rank), digestableOf(placesAt(rank))),
    placesAt,
  }
}

function sizeIssues(total: number): SpecificationIssue[] {
  if (total <= mostConfigurations) return []
  const message = `the axes make ${total.toLocaleString('en')} configurations`
  const accepted = `at most ${mostConfigurations.toLocaleString('en')} configurations a sweep`
  return [{ code: 'SPEC_INVALID', path: ['axes'], message, accepted }]
}

/** A field that two axes of objects share can be qualified; an axis of scalars has only its name. */
function nameIssues(fields: FieldTable): SpecificationIssue[] {
  return fields.all.flatMap(({ name, axis, member }): SpecificationIssue[] => {
    const other = member === undefined && fields.find(name).find((field) => field.member !== undefined)
    if (!other) return []
    const message = `axis ${name} has the name of a field of axis ${other.axis.name}`
    return [
      { code: 'SPEC_INVALID', path: ['axes', axis.name], atName: true, message, accepted: 'another name for the axis' },
    ]
  })
}

function pointsOf(axes: readonly Axis[]) {
  const byAxis = <Value>(places: readonly number[], valueAt: (axis: Axis, place: number) => Value) =>
    Object.fromEntries(axes.map((axis, a) => [axis.name, valueAt(axis, places[a]!)]))
  return {
    placesAt: (rank: number) => {
      const places = new Array<number>(axes.length)
      let rest = rank
      for (let a = axes.length - 1; a >= 0; a--) {
        const { length } = axes[a]!
        places[a] = rest % length
        rest = Math.floor(rest / length)
      }
      return places
    },
    pointOf: (places: readonly number[]) => byAxis(places, (axis, place) => axis.at(place)),
    digestableOf: (places: readonly number[]): DigestablePoint =>
      byAxis(places, (axis, place) => axis.digestableAt(place)),
  }
}

function fieldValues(fields: readonly Field[], places: readonly number[]): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {}
  for (const field of fields) {
    const value = fieldValueAt(field, places[field.axisIndex]!)
    if (value !== undefined) values[field.name] = value
  }
  return values
}

/** Writes keys straight from ranks: no object is made for a key. */
function keyWriter(axes: readonly Axis[], pattern: readonly KeyPart[]): (rank: number) => string {
  const strides = axes.map((_, a) => strideOf(axes, a))
  const writers = pattern.map((part) => {
    if (typeof part === 'string') return () => part
    const stride = strides[part.axisIndex]!
    const { length } = part.axis
    return (rank: number) => String(fieldValueAt(part, Math.floor(rank / stride) % length))
  })
  return (rank) => {
    let key = ''
    for (const write of writers) key += write(rank)
    return key
  }
}

/** An axis that the pattern leaves out makes keys alike; that is told without looking at a key. */
function checkTold(grid: Grid, issues: SpecificationIssue[]): void {
  for (const [a, axis] of grid.axes.entries()) {
    if (axis.length === 1 || grid.keyFields.some(({ axisIndex }) => axisIndex === a)) continue
    issues.push(collision(grid, 0, strideOf(grid.axes, a)))
    return
  }
}

function checkKeys(grid: Grid, issues: SpecificationIssue[]): void {
  const table = keyTable(grid.total, grid.keyAt)
  for (let rank = 0; rank < grid.total; rank++) {
    const key = grid.keyAt(rank)
    const fault = keyFault(key)
    if (fault) {
      issues.push({ code: 'KEY_INVALID', path: ['key'], message: fault, accepted: keyRule })
      return
    }
    const other = table.insert(rank, key)
    if (other !== undefined) {
      issues.push(collision(grid, other, rank))
      return
    }
  }
}

function collision(grid: Grid, ...ranks: [number, number]): SpecificationIssue {
  const [first, second] = ranks.map((rank) => ({ key: grid.keyAt(rank), places: grid.placesAt(rank) }))
  const differing = grid.axes.map((_, a) => a).filter((a) => first!.places[a] !== second!.places[a])
  const describe = ({ key, places }: { key: string; places: number[] }) =>
    `${key} (${differing.map((a) => describePoint(grid, a, places[a]!)).join(', ')})`
  const caseOnly = first!.key !== second!.key ? '; upper and lower case count as the same' : ''
  return {
    code: 'KEY_INVALID',
    path: ['key'],
    message: `key does not tell configurations apart: ${describe(first!)} and ${describe(second!)}${caseOnly}`,
    accepted: `a pattern with a field that tells the points of ${differing.map((a) => grid.axes[a]!.name).join(', ')} apart`,
  }
}

/** `farm[3]: farm_idx=3`, or `seed[0]: seed=7`. */
function describePoint(grid: Grid, axisIndex: number, place: number): string {
  const field = grid.fields.find((candidate) => candidate.axisIndex === axisIndex)
  const value = field && fieldValueAt(field, place)
  return `${grid.axes[axisIndex]!.name}[${place}]${field && value !== undefined ? `: ${field.name}=${value}` : ''}`
}

function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
