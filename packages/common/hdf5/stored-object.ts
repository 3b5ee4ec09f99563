/** Integers of 1, 2, 4 or 8 bytes. */
export interface IntegerType {
  readonly kind: 'integer'
  readonly bytes: 1 | 2 | 4 | 8
  readonly signed: boolean
  readonly littleEndian: boolean
}

/** IEEE 754 numbers. */
export interface FloatType {
  readonly kind: 'float'
  readonly bytes: 4 | 8
  readonly littleEndian: boolean
}

export const textPaddings = ['null-terminated', 'null-padded', 'space-padded'] as const
export type TextPadding = (typeof textPaddings)[number]

export interface TextType {
  readonly kind: 'text'
  /** Of every element. */
  readonly bytes: number
  readonly padding: TextPadding
  readonly utf8: boolean
}

export interface VariableTextType {
  readonly kind: 'variable-text'
  readonly padding: TextPadding
  readonly utf8: boolean
}

/** Names for integers; h5py's bool is one over int8. */
export interface EnumType {
  readonly kind: 'enum'
  readonly base: IntegerType
  readonly members: readonly (readonly [name: string, value: number])[]
}

export interface CompoundType {
  readonly kind: 'compound'
  /** Of a row, gaps included. */
  readonly bytes: number
  readonly members: readonly CompoundMember[]
}

export interface CompoundMember {
  readonly name: string
  readonly offset: number
  readonly type: Exclude<StoredType, VariableTextType>
}

/** The HDF5 types that are carried from one file to another without a bit of their values changing. */
export type StoredType = IntegerType | FloatType | TextType | VariableTextType | EnumType | CompoundType

/** A value as HDF5 holds it: of an attribute, or of a dataset. */
export interface StoredValue {
  readonly type: StoredType
  /** [] is a scalar, null holds nothing (h5py.Empty). */
  readonly shape: readonly number[] | null
  /**
   * Row-major elements as they stand in the file; of variable-length text the UTF-8 bytes of one element after the
   * other, each of them with a length of 4 bytes before it.
   */
  readonly data: Uint8Array
}

export interface StoredDataset extends StoredValue {
  readonly attributes: ReadonlyMap<string, StoredValue>
}

/** A group and everything in it. */
export interface StoredGroup {
  readonly attributes: ReadonlyMap<string, StoredValue>
  readonly datasets: ReadonlyMap<string, StoredDataset>
  readonly groups: ReadonlyMap<string, StoredGroup>
}

/** Bytes of one element; undefined where they differ. */
export function elementBytesOf(type: StoredType): number | undefined {
  if (type.kind === 'variable-text') return undefined
  return type.kind === 'enum' ? type.base.bytes : type.bytes
}
