import type { AttributeValue } from '../../results/contents.ts'
import { arrayOf } from '../element-types.ts'
import { Cursor, insist, textIn } from './cursor.ts'
import { type OldType, readShape, readType } from './datatypes.ts'

export interface OldAttribute {
  readonly name: string
  readonly type: OldType
  readonly data: Uint8Array
}

const longestText = 64 * 2 ** 10
const padded = (length: number) => Math.ceil(length / 8) * 8

/** Reads an attribute message (version 1) of a scalar. */
export function readAttribute(data: Uint8Array): OldAttribute {
  const cursor = new Cursor(data, 0, data.length)
  cursor.exactly(1, 0)
  const [nameBytes, typeBytes, shapeBytes] = [cursor.u16(), cursor.u16(), cursor.u16()]
  const name = cursor.bytes(padded(nameBytes)).subarray(0, nameBytes)
  insist(name.indexOf(0) === nameBytes - 1, 'a name that does not end where it should')
  const type = readType(cursor.bytes(padded(typeBytes)))
  insist(
    readShape(cursor.bytes(padded(shapeBytes)).subarray(0, shapeBytes)).length === 0,
    'an attribute of several values',
  )
  const value = cursor.bytes(type.bytes)
  insist(cursor.left < 8 && type.bytes <= longestText, 'an attribute with more behind it')
  return { name: textIn(name), type, data: value }
}

/** The value of an attribute as the reader over libhdf5 gives it. */
export function attributeValue({ type, data }: OldAttribute, file: Uint8Array, endOfFile: number): AttributeValue {
  if (type.kind === 'fixed-text') return textIn(data)
  if (type.kind === 'text') return textIn(heapObject(data, file, endOfFile))
  const [value] = arrayOf(type.elementType, data)
  return type.elementType === '<f8' || type.elementType === '<f4' ? Number(value) : BigInt(value ?? 0)
}

/** The bytes in the global heap that a reference leads to. */
function heapObject(reference: Uint8Array, file: Uint8Array, endOfFile: number): Uint8Array {
  const cursor = new Cursor(reference, 0, reference.length)
  const length = cursor.u32()
  const address = cursor.u64()
  const wanted = cursor.u32()
  insist(length > 0 && length <= longestText && wanted > 0, 'a text without bytes')
  const header = new Cursor(file, address, endOfFile)
  header.signature('GCOL')
  header.exactly(1, 0, 0, 0)
  const size = header.u64()
  insist(size >= 4096 && size - 16 <= header.left, 'a heap beyond the end')
  const found = objectIn(new Cursor(file, header.at, header.at + size - 16), wanted)
  insist(found !== undefined && found.length === length, 'a text that is not in its heap')
  return found
}

function objectIn(objects: Cursor, wanted: number): Uint8Array | undefined {
  let found: Uint8Array | undefined
  const seen = new Set<number>()
  while (objects.left >= 16) {
    const index = objects.u16()
    const references = objects.u16()
    objects.exactly(0, 0, 0, 0)
    const size = objects.u64()
    // 0 is the free space, to which its own header counts.
    if (index === 0) {
      insist(size >= 16 && size - 16 === objects.left, 'a heap that does not end')
      return found
    }
    insist(references <= 1 && !seen.has(index), 'an object twice')
    seen.add(index)
    const data = objects.bytes(padded(size)).subarray(0, size)
    if (index === wanted) found = data
  }
  insist(objects.left === 0, 'a heap that does not end')
  return found
}
