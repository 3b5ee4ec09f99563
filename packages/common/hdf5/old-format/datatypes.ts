import type { ElementType } from '../../results/contents.ts'
import { Cursor, insist } from './cursor.ts'

/** What a value is, as far as old files of h5py have it. */
export type OldType =
  | { readonly kind: 'numeric'; readonly elementType: ElementType; readonly bytes: number }
  /** Text of at most so many bytes. */
  | { readonly kind: 'fixed-text'; readonly bytes: number }
  /** Text in the global heap. */
  | { readonly kind: 'text'; readonly bytes: 16 }

const fixedPoint = 0x10
const floatingPoint = 0x11
const string = 0x13
const variableLength = 0x19

const integers: Readonly<Record<string, ElementType>> = {
  ...{ '1 signed': '|i1', '1 unsigned': '|u1', '4 signed': '<i4', '4 unsigned': '<u4', '8 signed': '<i8' },
  '8 unsigned': '<u8',
}

/** IEEE numbers, little-endian: bits 0x20, sign at the top, and the fields of the two formats. */
const floats = [
  { elementType: '<f8', bytes: 8, form: [0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 0x03, 0, 0] },
  { elementType: '<f4', bytes: 4, form: [0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 0x7f, 0, 0, 0] },
] as const

/** Reads a datatype message (version 1), and the padding behind it. */
export function readType(data: Uint8Array): OldType {
  const cursor = new Cursor(data, 0, data.length)
  const type = typeAt(cursor)
  insist(cursor.left < 8, 'a type with more behind it')
  while (cursor.left > 0) cursor.exactly(0)
  return type
}

function typeAt(cursor: Cursor): OldType {
  const classAndVersion = cursor.u8()
  if (classAndVersion === fixedPoint) return integerAt(cursor)
  if (classAndVersion === floatingPoint) return floatAt(cursor)
  if (classAndVersion === string) return { kind: 'fixed-text', bytes: fixedTextAt(cursor) }
  insist(classAndVersion === variableLength, 'another class of type')
  // Of text, padded with NUL or ended by it, in ASCII or UTF-8.
  const kind = cursor.u8()
  insist((kind & 0xf) === 1 && kind >> 4 <= 1 && cursor.u8() <= 1 && cursor.u8() === 0, 'another kind of sequence')
  insist(cursor.u32() === 16, 'another kind of sequence')
  const base = typeAt(cursor)
  insist(base.kind === 'numeric' && base.elementType === '|u1', 'a sequence of something else')
  return { kind: 'text', bytes: 16 }
}

function integerAt(cursor: Cursor): OldType {
  const bits = cursor.u8()
  insist((bits & ~8) === 0, 'another order of bytes')
  cursor.exactly(0, 0)
  const bytes = cursor.u32()
  const elementType = integers[`${bytes} ${bits === 8 ? 'signed' : 'unsigned'}`]
  insist(elementType !== undefined, 'an integer of another size')
  insist(cursor.u16() === 0 && cursor.u16() === 8 * bytes, 'an integer that does not fill its bytes')
  return { kind: 'numeric', elementType, bytes }
}

function floatAt(cursor: Cursor): OldType {
  const form = cursor.bytes(19)
  const found = floats.find((float) => float.form.every((byte, place) => form[place] === byte))
  insist(found !== undefined, 'a float of another form')
  return { kind: 'numeric', elementType: found.elementType, bytes: found.bytes }
}

function fixedTextAt(cursor: Cursor): number {
  const bits = cursor.u8()
  insist((bits & 0xf) <= 1 && bits >> 4 <= 1, 'text padded with spaces')
  cursor.exactly(0, 0)
  const bytes = cursor.u32()
  insist(bytes > 0, 'text of no bytes')
  return bytes
}

/** Reads a dataspace message (version 1): [] for a scalar. */
export function readShape(data: Uint8Array): number[] {
  const cursor = new Cursor(data, 0, data.length)
  cursor.exactly(1)
  const rank = cursor.u8()
  const flags = cursor.u8()
  cursor.exactly(0, 0, 0, 0, 0)
  insist(rank <= 32 && flags <= 1 && (rank > 0 || flags === 0), 'another kind of dataspace')
  const shape = Array.from({ length: rank }, () => cursor.u64())
  const longest = flags === 1 ? Array.from({ length: rank }, () => cursor.u64()) : shape
  insist(
    shape.every((length, axis) => length > 0 && length === longest[axis]),
    'a dataspace that can grow',
  )
  insist(cursor.left === 0, 'a dataspace with more behind it')
  return shape
}
