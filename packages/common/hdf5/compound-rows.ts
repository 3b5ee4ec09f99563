import type { ElementType, NumericArray } from '../results/contents.ts'
import {
  arrayOf,
  type CompoundColumn,
  compoundClass,
  describeElement,
  describeText,
  elementBytes,
  type TypeDescription,
} from './element-types.ts'
import { Hdf5Error } from './hdf5-error.ts'

/** One row of a compound dataset, in the order of its columns. */
export type CompoundRow = readonly (string | number | bigint)[]

/** Where a column lies in a packed row. */
export interface PlacedColumn extends CompoundColumn {
  readonly offset: number
  readonly bytes: number
}

export interface RowLayout {
  readonly columns: readonly PlacedColumn[]
  readonly rowBytes: number
}

/** Lays columns out without gaps. Text takes one byte more than its length: readers expect the closing NUL. */
export function layOutRow(columns: readonly CompoundColumn[]): RowLayout {
  let offset = 0
  const placed = columns.map((column) => {
    const bytes = typeof column.type === 'string' ? elementBytes(column.type) : column.type.text + 1
    const place = { ...column, offset, bytes }
    offset += bytes
    return place
  })
  return { columns: placed, rowBytes: offset }
}

/** The description h5wasm creates the type of a row from. */
export function describeRow(layout: RowLayout): TypeDescription & { compound_type: object } {
  const members = layout.columns.map(({ name, type, offset, bytes }) => ({
    ...(typeof type === 'string' ? describeElement(type) : describeText(bytes)),
    name,
    offset,
    shape: [],
  }))
  return {
    ...{ type: compoundClass, size: layout.rowBytes, signed: false, vlen: false, littleEndian: true },
    compound_type: { members, nmembers: members.length },
  }
}

/** Packs rows into the bytes of a compound dataset; Hdf5Error when a value does not fit its column. */
export function packRows(layout: RowLayout, rows: readonly CompoundRow[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * layout.rowBytes)
  const view = new DataView(bytes.buffer)
  rows.forEach((row, index) => {
    if (row.length !== layout.columns.length) {
      throw new Hdf5Error(`row ${index} has ${row.length} values for ${layout.columns.length} columns`)
    }
    layout.columns.forEach((column, position) => {
      const at = index * layout.rowBytes + column.offset
      const value = row[position]
      if (typeof column.type !== 'string') bytes.set(asciiBytes(column.name, value, column.type.text), at)
      else setNumber(view, at, numberFor(column.name, column.type, value))
    })
  })
  return bytes
}

/** The columns of packed rows: typed arrays, and text without its filling. */
export function unpackRows(layout: RowLayout, bytes: Uint8Array): Map<string, NumericArray | string[]> {
  const rows = Math.floor(bytes.length / layout.rowBytes)
  return new Map(
    layout.columns.map(({ name, type, offset, bytes: width }) => {
      const cells = new Uint8Array(rows * width)
      for (let row = 0; row < rows; row++) {
        const start = row * layout.rowBytes + offset
        cells.set(bytes.subarray(start, start + width), row * width)
      }
      return [name, typeof type === 'string' ? arrayOf(type, cells) : textCells(cells, width)]
    }),
  )
}

/** Fixed text up to its first NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder('utf-8', { fatal: true }).decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** The bytes of ASCII text; Hdf5Error when it is longer than `limit`, or not ASCII. */
export function asciiBytes(name: string, value: unknown, limit: number): Uint8Array {
  if (typeof value !== 'string') throw new Hdf5Error(`${name} is ${typeof value}, not text`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL would end the text early, all else of ASCII may stand
  if (!/^[\x01-\x7f]*$/.test(value)) throw new Hdf5Error(`${name} is not ASCII text: ${JSON.stringify(value)}`)
  if (value.length > limit) throw new Hdf5Error(`${name} has ${value.length} characters, ${limit} fit: ${value}`)
  return new TextEncoder().encode(value)
}

function textCells(cells: Uint8Array, width: number): string[] {
  return Array.from({ length: cells.length / width }, (_, row) =>
    textOf(cells.subarray(row * width, (row + 1) * width)),
  )
}

type TypedNumber = { readonly type: ElementType; readonly value: number | bigint }

function numberFor(name: string, type: ElementType, value: unknown): TypedNumber {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new Hdf5Error(`${name} is ${typeof value}, not a number`)
  }
  if (type === '<f8' || type === '<f4') return { type, value: Number(value) }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Hdf5Error(`${name} is no integer: ${value}`)
  const integer = BigInt(value)
  const bits = 8 * elementBytes(type)
  const fitted = type[1] === 'u' ? BigInt.asUintN(bits, integer) : BigInt.asIntN(bits, integer)
  if (fitted !== integer) throw new Hdf5Error(`${name} does not fit ${type}: ${value}`)
  return { type, value: bits === 64 ? integer : Number(integer) }
}

function setNumber(view: DataView, at: number, { type, value }: TypedNumber): void {
  if (typeof value === 'bigint') {
    if (type === '<u8') view.setBigUint64(at, value, true)
    else view.setBigInt64(at, value, true)
  } else if (type === '<f8') view.setFloat64(at, value, true)
  else if (type === '<f4') view.setFloat32(at, value, true)
  else if (type === '<i4') view.setInt32(at, value, true)
  else if (type === '<u4') view.setUint32(at, value, true)
  else if (type === '|i1') view.setInt8(at, value)
  else view.setUint8(at, value)
}
