import {
  type CompoundMember,
  type FloatType,
  type IntegerType,
  type StoredType,
  type TextPadding,
  textPaddings,
} from '../stored-object.ts'
import type { Cursor } from '../strict-reader/cursor.ts'
import { NotOurs, ours } from '../strict-reader/outcome.ts'

/** The datatype that a message of ObjectEncoder's says; NotOurs for any other. */
export function decodeDatatype(body: Cursor): StoredType {
  const type = readType(body, 1)
  body.finish('a datatype')
  return type
}

function readType(body: Cursor, version: 1 | 3): StoredType {
  const head = body.u8()
  const kind = head & 15
  const [bits0, bits8, bits16] = [body.u8(), body.u8(), body.u8()]
  const bytes = body.u32()
  ours(head >> 4 === (kind === 6 || kind === 8 ? 3 : version) && bits16 === 0, 'a datatype is of another version')
  if (kind === 0) return readInteger(body, bytes, [bits0, bits8])
  if (kind === 1) return readFloat(body, bytes, [bits0, bits8])
  if (kind === 3) {
    ours(bits8 === 0 && bits0 < 0x20 && bytes > 0, 'a text is none of ours')
    return { kind: 'text', bytes, padding: paddingOf(bits0 & 15), utf8: bits0 >> 4 === 1 }
  }
  if (kind === 6) return { kind: 'compound', bytes, members: readMembers(body, bits0 | (bits8 << 8), bytes) }
  if (kind === 8) return readEnum(body, bits0 | (bits8 << 8), bytes)
  ours(kind === 9 && (bits0 & 15) === 1 && bits8 < 2 && bytes === 16, 'a datatype is none of ours')
  const base = readType(body, version)
  ours(base.kind === 'integer' && base.bytes === 1 && !base.signed, 'a text is made of something else')
  return { kind: 'variable-text', padding: paddingOf(bits0 >> 4), utf8: bits8 === 1 }
}

function readInteger(body: Cursor, bytes: number, [bits0, bits8]: readonly [number, number]): IntegerType {
  ours((bits0 & ~9) === 0 && bits8 === 0, 'an integer is none of ours')
  ours(bytes === 1 || bytes === 2 || bytes === 4 || bytes === 8, 'an integer is none of ours')
  ours(body.u16() === 0 && body.u16() === 8 * bytes, 'an integer does not fill its bytes')
  return { kind: 'integer', bytes, signed: (bits0 & 8) !== 0, littleEndian: (bits0 & 1) === 0 }
}

function readFloat(body: Cursor, bytes: number, [bits0, bits8]: readonly [number, number]): FloatType {
  ours((bytes === 4 || bytes === 8) && (bits0 & ~1) === 0x20 && bits8 === 8 * bytes - 1, 'a float is none of ours')
  const [exponent, mantissa, bias] = bytes === 8 ? [11, 52, 1023] : [8, 23, 127]
  body.expect(
    [0, 0, 8 * bytes, 0, mantissa!, exponent!, 0, mantissa!, bias! & 255, bias! >> 8, 0, 0],
    'a float is not IEEE',
  )
  return { kind: 'float', bytes, littleEndian: (bits0 & 1) === 0 }
}

function readEnum(body: Cursor, count: number, bytes: number): StoredType {
  const base = readType(body, 3)
  ours(base.kind === 'integer' && base.bytes === bytes, 'an enumeration is none of integers')
  const names = Array.from({ length: count }, () => readName(body))
  const members = names.map((name) => [name, readInteger32(body, base)] as const)
  return { kind: 'enum', base, members }
}

function readInteger32(body: Cursor, { bytes, signed, littleEndian }: IntegerType): number {
  const { at } = body.part(bytes)
  const digits = Array.from(body.bytes.subarray(at, at + bytes))
  const hexadecimal = Buffer.from(littleEndian ? digits.toReversed() : digits).toString('hex')
  const value = BigInt(`0x${hexadecimal}`)
  return Number(signed ? BigInt.asIntN(8 * bytes, value) : value)
}

function readMembers(body: Cursor, count: number, size: number): CompoundMember[] {
  let offsetBytes = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) offsetBytes++
  return Array.from({ length: count }, () => {
    const name = readName(body)
    const offset = body.unsigned(offsetBytes)
    const type = readType(body, 3)
    if (type.kind === 'variable-text') throw new NotOurs('a table has a column of variable-length text')
    return { name, offset, type }
  })
}

function readName(body: Cursor): string {
  const end = body.bytes.indexOf(0, body.at)
  ours(end >= 0 && end < body.end, 'a name does not end')
  const { at } = body.part(end - body.at + 1)
  return Buffer.from(body.bytes.buffer, body.bytes.byteOffset + at, end - at).toString()
}

function paddingOf(code: number): TextPadding {
  const padding = textPaddings[code]
  if (padding === undefined) throw new NotOurs('a text has an unknown padding')
  return padding
}
