import { closeSync, openSync, unlinkSync } from 'node:fs'
import { readFully, writeFully } from '../files/whole-transfers.ts'
import type { StoredDataset, StoredGroup, StoredType, StoredValue } from '../hdf5/stored-object.ts'

/** Where a group lies in the spool. */
export interface SpooledPlace {
  readonly offset: number
  readonly bytes: number
}

const bufferBytes = 1 << 20

/**
 * A scratch file for groups: written as files are checked, read in the order of the merged file. A record is the length of
 * an outline in JSON, the outline, and the bytes of all values one behind the other.
 */
export class GroupSpool {
  readonly #fd: number
  readonly #types = new TypeTable()
  readonly #buffer = Buffer.alloc(bufferBytes)
  #filled = 0
  #written = 0
  #record = new Uint8Array(1 << 16)

  /** Opens the scratch file at `path` and takes its name away at once: it ends with the process at the latest. */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
  }

  append(group: StoredGroup): SpooledPlace {
    const values: Uint8Array[] = []
    const outline = Buffer.from(JSON.stringify(outlineOf(group, this.#types, values)))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(outline.length)
    const offset = this.#written + this.#filled
    for (const part of [length, outline, ...values]) this.#put(part)
    return { offset, bytes: this.#written + this.#filled - offset }
  }

  /** The group that lies there; good until the next one is read. */
  read({ offset, bytes }: SpooledPlace): StoredGroup {
    this.#flush()
    if (bytes > this.#record.length) this.#record = new Uint8Array(2 * bytes)
    const record = this.#record
    if (readFully(this.#fd, record.subarray(0, bytes), offset) < bytes)
      throw new RangeError('the scratch file of the merge is shorter than what was written to it')
    const outlineEnd = 4 + new DataView(record.buffer).getUint32(0, true)
    const outline: Outline = JSON.parse(Buffer.from(record.buffer, 4, outlineEnd - 4).toString())
    return groupOf(outline, this.#types, { bytes: record, at: outlineEnd })
  }

  close(): void {
    closeSync(this.#fd)
  }

  #put(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > bufferBytes) this.#flush()
    if (bytes.length > bufferBytes) {
      this.#write(bytes)
    } else {
      this.#buffer.set(bytes, this.#filled)
      this.#filled += bytes.length
    }
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  #write(bytes: Uint8Array): void {
    writeFully(this.#fd, bytes, this.#written)
    this.#written += bytes.length
  }
}

/** Types by number: there are few of them, and thousands of values of each. */
class TypeTable {
  readonly #numbers = new Map<string, number>()
  readonly #types: StoredType[] = []

  numberOf(type: StoredType): number {
    const text = JSON.stringify(type)
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#types.length)
    return this.#types.push(type) - 1
  }

  typeOf(number: number): StoredType {
    return this.#types[number]!
  }
}

/** Name, number of the type, shape, bytes; the bytes themselves follow in the order of the outline. */
type ValueOutline = readonly [name: string, type: number, shape: readonly number[] | null, bytes: number]
interface Outline {
  readonly attributes: readonly ValueOutline[]
  readonly datasets: readonly { readonly value: ValueOutline; readonly attributes: readonly ValueOutline[] }[]
  readonly groups: readonly (readonly [name: string, group: Outline])[]
}

function outlineOf({ attributes, datasets, groups }: StoredGroup, types: TypeTable, values: Uint8Array[]): Outline {
  const outlined = ([name, { type, shape, data }]: readonly [string, StoredValue]): ValueOutline => {
    values.push(data)
    return [name, types.numberOf(type), shape, data.length]
  }
  return {
    attributes: Array.from(attributes, outlined),
    datasets: Array.from(datasets, ([name, dataset]) => ({
      value: outlined([name, dataset]),
      attributes: Array.from(dataset.attributes, outlined),
    })),
    groups: Array.from(groups, ([name, group]) => [name, outlineOf(group, types, values)] as const),
  }
}

interface Values {
  readonly bytes: Uint8Array
  at: number
}

function groupOf({ attributes, datasets, groups }: Outline, types: TypeTable, values: Values): StoredGroup {
  const stored = ([, type, shape, length]: ValueOutline): StoredValue => {
    const data = values.bytes.subarray(values.at, values.at + length)
    values.at += length
    return { type: types.typeOf(type), shape, data }
  }
  const mapOf = (outlines: readonly ValueOutline[]) =>
    new Map(outlines.map((outline) => [outline[0], stored(outline)] as const))
  return {
    attributes: mapOf(attributes),
    datasets: new Map(
      datasets.map(({ value, attributes: below }): [string, StoredDataset] => [
        value[0],
        { ...stored(value), attributes: mapOf(below) },
      ]),
    ),
    groups: new Map(groups.map(([name, group]) => [name, groupOf(group, types, values)] as const)),
  }
}
