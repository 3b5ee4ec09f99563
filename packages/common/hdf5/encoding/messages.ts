import { elementCount } from '../element-types.ts'
import {
  type EnumType,
  type FloatType,
  type IntegerType,
  type StoredType,
  type StoredValue,
  type TextPadding,
  textPaddings,
} from '../stored-object.ts'
import { ByteSink } from './byte-sink.ts'

const encodedTypes = new WeakMap<StoredType, Uint8Array>()

/** The datatype message of a type. */
export function datatypeBytes(type: StoredType): Uint8Array {
  const known = encodedTypes.get(type)
  if (known !== undefined) return known
  const sink = new ByteSink(256)
  putDatatype(sink, type, 1)
  const bytes = sink.written.slice()
  encodedTypes.set(type, bytes)
  return bytes
}

/** The dataspace message of a shape. */
export function putDataspace(sink: ByteSink, shape: StoredValue['shape']): void {
  sink.u8(2)
  sink.u8(shape?.length ?? 0)
  sink.u8(0)
  sink.u8(shape === null ? 2 : shape.length === 0 ? 0 : 1)
  for (const length of shape ?? []) sink.u64(length)
}

export function dataspaceLength(shape: StoredValue['shape']): number {
  return 4 + 8 * (shape?.length ?? 0)
}

/** Elements of a value; none when it holds nothing. */
export function countOf({ shape }: Pick<StoredValue, 'shape'>): number {
  return shape === null ? 0 : elementCount(shape)
}

/** Types within others are of the version of the one around them. */
function putDatatype(sink: ByteSink, type: StoredType, version: 1 | 3): void {
  if (type.kind === 'integer') putInteger(sink, type, version)
  else if (type.kind === 'float') putFloat(sink, type, version)
  else if (type.kind === 'text') putHead(sink, [3, version, textBits(type), 0, 0], type.bytes)
  else if (type.kind === 'variable-text') {
    putHead(sink, [9, version, 1 | (textPaddings.indexOf(type.padding) << 4), type.utf8 ? 1 : 0, 0], 16)
    putInteger(sink, { kind: 'integer', bytes: 1, signed: false, littleEndian: true }, version)
  } else if (type.kind === 'enum') putEnum(sink, type)
  else {
    putHead(sink, [6, 3, type.members.length & 255, type.members.length >> 8, 0], type.bytes)
    for (const member of type.members) {
      putName(sink, member.name)
      putMinimal(sink, member.offset, type.bytes)
      putDatatype(sink, member.type, 3)
    }
  }
}

type Head = readonly [kind: number, version: number, bits0: number, bits8: number, bits16: number]

function putHead(sink: ByteSink, [kind, version, ...bits]: Head, size: number): void {
  sink.u8((version << 4) | kind)
  for (const eight of bits) sink.u8(eight)
  sink.u32(size)
}

function putInteger(sink: ByteSink, { bytes, signed, littleEndian }: IntegerType, version: 1 | 3): void {
  putHead(sink, [0, version, (littleEndian ? 0 : 1) | (signed ? 8 : 0), 0, 0], bytes)
  sink.u16(0)
  sink.u16(8 * bytes)
}

/** Sign, exponent and mantissa as IEEE 754 has them; 0x20 is the leading 1 that is not stored. */
function putFloat(sink: ByteSink, { bytes, littleEndian }: FloatType, version: 1 | 3): void {
  putHead(sink, [1, version, 0x20 | (littleEndian ? 0 : 1), 8 * bytes - 1, 0], bytes)
  const [exponentBits, mantissaBits, bias] = bytes === 8 ? [11, 52, 1023] : [8, 23, 127]
  sink.u16(0)
  sink.u16(8 * bytes)
  for (const eight of [mantissaBits, exponentBits, 0, mantissaBits]) sink.u8(eight!)
  sink.u32(bias!)
}

function putEnum(sink: ByteSink, { base, members }: EnumType): void {
  putHead(sink, [8, 3, members.length & 255, members.length >> 8, 0], base.bytes)
  putInteger(sink, base, 3)
  for (const [name] of members) putName(sink, name)
  for (const [, value] of members) {
    const little = Array.from({ length: base.bytes }, (_, at) => Number((BigInt(value) >> BigInt(8 * at)) & 255n))
    for (const eight of base.littleEndian ? little : little.reverse()) sink.u8(eight)
  }
}

function textBits({ padding, utf8 }: { padding: TextPadding; utf8: boolean }): number {
  return textPaddings.indexOf(padding) | (utf8 ? 0x10 : 0)
}

function putName(sink: ByteSink, name: string): void {
  sink.bytes(Buffer.from(name))
  sink.u8(0)
}

/** A number in as few bytes as `limit` needs. */
function putMinimal(sink: ByteSink, value: number, limit: number): void {
  for (let rest = limit, at = 0; rest > 0; rest = Math.floor(rest / 256), at++) {
    sink.u8(Math.floor(value / 256 ** at) & 255)
  }
}
