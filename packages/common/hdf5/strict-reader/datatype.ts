import { type ElementType, elementTypes } from '../../results/contents.ts'
import { elementBytes } from '../element-types.ts'
import type { Cursor } from './cursor.ts'
import { NotOurs, ours } from './outcome.ts'

export type StrictDatatype = ElementType | { readonly textBytes: number }

/** Class 3 of version 1: ASCII, closed by a NUL. */
const text = [0x13, 0, 0, 0]

const encodings = elementTypes.map((elementType) => ({ elementType, encoding: encodingOf(elementType) }))

/**
 * A datatype message (format specification 3.0, IV.A.2.d): one of the eight numeric types, each of which has exactly one
 * encoding, or fixed-length ASCII.
 */
export function readDatatype(body: Cursor): StrictDatatype {
  const length = body.remaining
  const known = encodings.find(({ encoding }) => encoding.length === length && startsWith(body, encoding))
  if (known !== undefined) {
    body.expect(known.encoding, 'datatype')
    return known.elementType
  }
  body.expect(text, 'a datatype is none of ours')
  const textBytes = body.u32()
  ours(textBytes > 0, 'a text has no room')
  body.finish('a text datatype')
  return { textBytes }
}

/** A numeric datatype; NotOurs when it is text. */
export function readElementType(body: Cursor): ElementType {
  const datatype = readDatatype(body)
  if (typeof datatype !== 'string') throw new NotOurs('a dataset holds text')
  return datatype
}

function startsWith(body: Cursor, encoding: readonly number[]): boolean {
  for (let index = 0; index < encoding.length; index++) {
    if (body.bytes[body.at + index] !== encoding[index]) return false
  }
  return true
}

/** Version 1, little-endian, no padding; sign and precision of integers, IEEE fields of floats. */
function encodingOf(elementType: ElementType): number[] {
  const size = elementBytes(elementType)
  const head = (kind: number, bits: readonly number[]) => [0x10 | kind, ...bits, size, 0, 0, 0, 0, 0, 8 * size, 0]
  if (elementType === '<f8') return [...head(1, [0x20, 0x3f, 0]), 52, 11, 0, 52, 0xff, 0x03, 0, 0]
  if (elementType === '<f4') return [...head(1, [0x20, 0x1f, 0]), 23, 8, 0, 23, 0x7f, 0, 0, 0]
  return head(0, [elementType[1] === 'i' ? 0x08 : 0, 0, 0])
}
