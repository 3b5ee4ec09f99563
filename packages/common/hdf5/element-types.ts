import { type ElementType, elementTypes, type NumericArray } from '../results/contents.ts'
import { Hdf5Error } from './hdf5-error.ts'

/** A column of a compound dataset: numbers, or ASCII text of at most `text` bytes. */
export interface CompoundColumn {
  readonly name: string
  readonly type: ElementType | { readonly text: number }
}

/** How h5wasm describes a type, the part that both directions need. */
export interface TypeDescription {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly vlen: boolean
  readonly littleEndian: boolean
  readonly cset?: number
}

const integerClass = 0
const floatClass = 1
export const stringClass = 3
export const compoundClass = 6
const asciiCharacters = 0
export const utf8Characters = 1

const arrayConstructors = {
  '<f8': Float64Array,
  '<f4': Float32Array,
  '<i8': BigInt64Array,
  '<i4': Int32Array,
  '<u8': BigUint64Array,
  '<u4': Uint32Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
} as const satisfies Record<ElementType, new (buffer: ArrayBuffer) => NumericArray>

/** The size of one element in bytes. */
export function elementBytes(elementType: ElementType): number {
  return Number(elementType[2])
}

/** The description h5wasm creates the type from. */
export function describeElement(elementType: ElementType): TypeDescription {
  const kind = elementType[1]
  return {
    type: kind === 'f' ? floatClass : integerClass,
    size: elementBytes(elementType),
    signed: kind !== 'u',
    vlen: false,
    littleEndian: true,
  }
}

/** The description of fixed text of so many bytes, the closing NUL among them. */
export function describeText(bytes: number): TypeDescription {
  return { type: stringClass, size: bytes, signed: false, vlen: false, littleEndian: true, cset: asciiCharacters }
}

/** The element type of a description, undefined when it is none of ours (big-endian, 16 bits, text, ...). */
export function elementTypeOf(description: TypeDescription): ElementType | undefined {
  if (description.type !== integerClass && description.type !== floatClass) return undefined
  if (!description.littleEndian && description.size > 1) return undefined
  const kind = description.type === floatClass ? 'f' : description.signed ? 'i' : 'u'
  const name = `${description.size === 1 ? '|' : '<'}${kind}${description.size}`
  return elementTypes.find((elementType) => elementType === name)
}

/** The array over bytes of this element type; the bytes are copied, so any alignment will do. */
export function arrayOf(elementType: ElementType, bytes: Uint8Array): NumericArray {
  const copy = new ArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return new arrayConstructors[elementType](copy)
}

/** The bytes of an array, after a check that it is the one its element type asks for. */
export function bytesOf(elementType: ElementType, data: NumericArray): Uint8Array {
  if (!(data instanceof arrayConstructors[elementType])) {
    throw new Hdf5Error(`data for ${elementType} is a ${data.constructor.name}`)
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** The number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}
