import { z } from 'zod'
import type { AttributeValue } from '../results/contents.ts'
import { asciiText } from './field-columns.ts'

export type Attributes = Readonly<Record<string, AttributeValue>>

/** Text as it is, numbers as JSON numbers; what JSON would lose (int64, NaN, infinities, -0) as text in an object. */
const encodedSchema = z.union([
  z.string(),
  z.number(),
  z.strictObject({ int64: z.string().regex(/^-?\d{1,19}$/) }),
  z.strictObject({ float64: z.enum(['NaN', 'Infinity', '-Infinity', '-0']) }),
])
type Encoded = z.infer<typeof encodedSchema>

export const encodedAttributesSchema = z.record(z.string(), encodedSchema)
export type EncodedAttributes = z.infer<typeof encodedAttributesSchema>

/** Attributes by name, bytewise, as JSON that gives back the same values to the bit. */
export function encodeAttributes(attributes: Attributes): EncodedAttributes {
  const names = Object.keys(attributes).sort()
  return Object.fromEntries(names.map((name) => [name, encodeValue(attributes[name]!)]))
}

export function decodeAttributes(encoded: EncodedAttributes): Attributes {
  return Object.fromEntries(Object.entries(encoded).map(([name, value]) => [name, decodeValue(value)]))
}

/** JSON text in ASCII, as fixed-length text in HDF5 must be. */
export function asciiJson(value: unknown): string {
  return asciiText(JSON.stringify(value))
}

function encodeValue(value: AttributeValue): Encoded {
  if (typeof value === 'bigint') return { int64: String(value) }
  if (typeof value === 'string') return value
  if (Number.isFinite(value) && !Object.is(value, -0)) return value
  const special = Number.isNaN(value) ? 'NaN' : value === 0 ? '-0' : value > 0 ? 'Infinity' : '-Infinity'
  return { float64: special }
}

function decodeValue(value: Encoded): AttributeValue {
  if (typeof value !== 'object') return value
  return 'int64' in value ? BigInt(value.int64) : Number(value.float64)
}
