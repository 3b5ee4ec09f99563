import type { Axis } from './axes.ts'
import type { FieldValue } from './plan.ts'

/** A scalar by which configurations are named and selected: an axis of scalars, or a scalar member of an axis' objects. */
export interface Field {
  /** `farm_idx`; `farm.name` where two axes have a `name`, or the bare name is a word of the selectors. */
  readonly name: string
  readonly axis: Axis
  /** Place of its axis. */
  readonly axisIndex: number
  /** undefined: the axis itself. */
  readonly member: string | undefined
}

export interface FieldTable {
  readonly all: readonly Field[]
  /** By bare or qualified name; several when a bare name is ambiguous. */
  find(name: string): readonly Field[]
}

/** Members of other names stay in the point, but cannot be selected by. */
const fieldName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const selectorWords: readonly string[] = ['key', 'state', 'error']

/** Every field of the axes, in their order. */
export function fieldsOf(axes: readonly Axis[]): FieldTable {
  const found = axes.flatMap((axis, axisIndex) =>
    (axis.ofObjects ? scalarMembers(axis) : [undefined]).map((member) => ({ axis, axisIndex, member })),
  )
  const bare = ({ axis, member }: { axis: Axis; member: string | undefined }) => member ?? axis.name
  const uses = new Map<string, number>()
  for (const field of found) uses.set(bare(field), (uses.get(bare(field)) ?? 0) + 1)
  const all = found.map((field): Field => {
    const qualify = field.member !== undefined && (uses.get(bare(field))! > 1 || selectorWords.includes(field.member))
    return { ...field, name: qualify ? `${field.axis.name}.${field.member}` : bare(field) }
  })
  return {
    all,
    find: (name) => {
      const qualified = all.filter(({ axis, member }) => member !== undefined && `${axis.name}.${member}` === name)
      return qualified.length > 0 ? qualified : all.filter((field) => bare(field) === name)
    },
  }
}

/** The field's value in point `i` of its axis; undefined when that point has no such scalar. */
export function fieldValueAt({ axis, member }: Field, i: number): FieldValue | undefined {
  const point = axis.at(i)
  if (typeof point !== 'object') return point
  const value = member !== undefined && Object.hasOwn(point, member) ? point[member] : undefined
  return typeof value === 'number' || typeof value === 'string' ? value : undefined
}

/** True when the field is a whole number wherever it is given, so that files hold it as one. */
export function isWholeEverywhere(field: Field): boolean {
  if (field.axis.isRange) return true
  for (let i = 0; i < field.axis.length; i++) {
    const value = fieldValueAt(field, i)
    if (value !== undefined && !Number.isSafeInteger(value)) return false
  }
  return true
}

function scalarMembers(axis: Axis): string[] {
  const members = new Set<string>()
  for (let i = 0; i < axis.length; i++) {
    const point = axis.at(i)
    if (typeof point !== 'object') continue
    for (const [member, value] of Object.entries(point)) {
      if ((typeof value === 'number' || typeof value === 'string') && fieldName.test(member)) members.add(member)
    }
  }
  return [...members]
}
