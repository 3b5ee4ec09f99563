import type { CompoundColumn } from '../hdf5/element-types.ts'
import type { FieldValue } from '../sweep/plan.ts'

type Fields = Readonly<Record<string, FieldValue>>

/** A column that holds one scalar field of every configuration. */
export interface FieldColumn {
  readonly field: string
  /** The name of the column in the file. */
  readonly name: string
  readonly type: CompoundColumn['type']
  valueOf(fields: Fields): string | number | bigint
}

/**
 * One column a field, in order of first appearance: int64 when every configuration has an integer there, float64 (NaN
 * where there is none) for other numbers, text when any value is text. A field named like a `reserved` column is
 * called `axis_<field>`.
 */
export function fieldColumns(rows: Iterable<{ readonly fields: Fields }>, reserved: readonly string[]): FieldColumn[] {
  const seen = new Map<string, { rows: number; text: boolean; integers: boolean; width: number }>()
  let total = 0
  for (const { fields } of rows) {
    total++
    for (const [field, value] of Object.entries(fields)) {
      const facts = seen.get(field) ?? { rows: 0, text: false, integers: true, width: 1 }
      facts.rows++
      facts.text ||= typeof value === 'string'
      facts.integers &&= Number.isSafeInteger(value)
      facts.width = Math.max(facts.width, asciiText(String(value)).length)
      seen.set(field, facts)
    }
  }
  const taken = new Set(reserved)
  return [...seen].map(([field, { rows, text, integers, width }]) => {
    const name = freeName(asciiText(field), taken)
    if (text) return { field, name, type: { text: width }, valueOf: (fields) => asciiText(String(fields[field] ?? '')) }
    if (integers && rows === total) return { field, name, type: '<i8', valueOf: (fields) => BigInt(fields[field] ?? 0) }
    return { field, name, type: '<f8', valueOf: (fields) => Number(fields[field] ?? Number.NaN) }
  })
}

/** Text as ASCII: other characters (and NUL, which would end it) as \uXXXX, the way JSON writes them. */
export function asciiText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything but printable ASCII is escaped
  return text.replace(/[\x00-\x1f\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function freeName(name: string, taken: Set<string>): string {
  let free = name
  while (taken.has(free)) free = `axis_${free}`
  taken.add(free)
  return free
}
