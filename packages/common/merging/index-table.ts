import type { CompoundColumn } from '../hdf5/element-types.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import type { NumericArray } from '../results/contents.ts'
import { type CertificateState, certificateStates } from './account.ts'
import { paths, reservedColumns } from './merged-file.ts'
import type { CertifiedRow, RowTable } from './row-table.ts'

const mostRows = 20_000_000
const slabRows = 1024

export interface IndexReading {
  /** The configurations it must have, in their order: keys and digests that are the same are not held twice. */
  readonly certified?: Pick<RowTable, 'length' | 'keyAt' | 'at'> | undefined
  /** Whether the numeric fields are wanted as well. */
  readonly fields: boolean
}

export interface IndexRow extends CertifiedRow {
  readonly source: string
  readonly verified: string
  readonly nTurbines: number
  readonly aepGwh: number
}

/** The index as a file has it, in columns. */
export interface IndexTable extends RowTable<IndexRow> {
  /** The numeric fields, by column, where they were asked for. */
  readonly numbers: ReadonlyMap<string, NumericArray>
}

type Columns = ReadonlyMap<string, NumericArray | string[]>

/** Reads the index. Throws when it is damaged, or none. */
export function readIndexTable(reader: Hdf5Reader, { certified, fields }: IndexReading): IndexTable {
  const { type, shape } = reader.datasetInfo(paths.index)
  if (type.kind !== 'compound') throw new TypeError('it is no table')
  const total = shape[0] ?? 0
  const expected = certified?.length ?? total
  if (total !== expected) throw new TypeError(`it has ${total} rows for ${expected} configurations`)
  if (total > mostRows) throw new TypeError(`it claims ${total} rows`)
  const columns = new IndexColumns(total, fields ? numberColumns(type.columns) : [], certified)
  for (let from = 0; from < total; from += slabRows) {
    columns.take(from, reader.readCompound(paths.index, { from, count: Math.min(slabRows, total - from) }))
  }
  return columns
}

/** Names of the index's columns that hold numeric fields. */
function numberColumns(columns: readonly CompoundColumn[]): string[] {
  const reserved: readonly string[] = reservedColumns
  return columns
    .filter(({ name, type }) => typeof type === 'string' && !reserved.includes(name))
    .map(({ name }) => name)
}

class IndexColumns implements IndexTable {
  readonly length: number
  readonly numbers = new Map<string, NumericArray>()
  readonly #numberNames: readonly string[]
  readonly #certified: IndexReading['certified']
  readonly #keys: string[] = []
  readonly #states: Uint8Array
  readonly #words = new Words()
  readonly #causes: Uint32Array
  readonly #sources: Uint32Array
  readonly #verified: Uint32Array
  readonly #nTurbines: Float64Array
  readonly #aepGwh: Float64Array
  /** Those that are not the certificate's. */
  readonly #otherDigests = new Map<number, string>()

  constructor(length: number, numberNames: readonly string[], certified: IndexReading['certified']) {
    this.length = length
    this.#numberNames = numberNames
    this.#certified = certified
    this.#states = new Uint8Array(length)
    this.#causes = new Uint32Array(length)
    this.#sources = new Uint32Array(length)
    this.#verified = new Uint32Array(length)
    this.#nTurbines = new Float64Array(length)
    this.#aepGwh = new Float64Array(length)
  }

  keyAt(position: number): string {
    return this.#keys[position]!
  }

  stateAt(position: number) {
    return certificateStates[this.#states[position]!]!
  }

  at(position: number): IndexRow {
    return {
      key: this.#keys[position]!,
      state: this.stateAt(position),
      cause: this.#words.at(this.#causes[position]!),
      contentSha256: this.#otherDigests.get(position) ?? this.#certifiedDigest(position),
      source: this.#words.at(this.#sources[position]!),
      verified: this.#words.at(this.#verified[position]!),
      nTurbines: this.#nTurbines[position]!,
      aepGwh: this.#aepGwh[position]!,
    }
  }

  /** Takes in rows as they were read. */
  take(from: number, columns: Columns): void {
    const [keys, states, digests] = [texts(columns, 'key'), texts(columns, 'state'), texts(columns, 'content_sha256')]
    for (const [row, key] of keys.entries()) {
      this.#keys.push(this.#shared(from + row, key))
      this.#states[from + row] = stateOf(states[row]!)
      if (digests[row] !== this.#certifiedDigest(from + row)) this.#otherDigests.set(from + row, digests[row]!)
    }
    for (const [name, column] of [
      ['cause', this.#causes],
      ['source', this.#sources],
      ['verified', this.#verified],
    ] as const) {
      for (const [row, word] of texts(columns, name).entries()) column[from + row] = this.#words.numberOf(word)
    }
    this.#nTurbines.set(Float64Array.from(numbers(columns, 'n_turbines'), Number), from)
    this.#aepGwh.set(Float64Array.from(numbers(columns, 'aep'), Number), from)
    for (const name of this.#numberNames) this.#takeNumbers(name, from, numbers(columns, name))
  }

  #shared(position: number, key: string): string {
    const there = this.#certified?.keyAt(position) ?? key
    return there === key ? there : key
  }

  #certifiedDigest(position: number): string {
    return this.#certified?.at(position).contentSha256 ?? ''
  }

  #takeNumbers(name: string, from: number, slab: NumericArray): void {
    const column = this.numbers.get(name) ?? roomFor(slab, this.length)
    this.numbers.set(name, column)
    for (const [row, value] of slab.entries()) column[from + row] = value
  }
}

/** Texts by number: there are few of them. */
class Words {
  readonly #numbers = new Map<string, number>()
  readonly #words: string[] = []

  numberOf(word: string): number {
    const known = this.#numbers.get(word)
    if (known !== undefined) return known
    this.#numbers.set(word, this.#words.length)
    return this.#words.push(word) - 1
  }

  at(number: number): string {
    return this.#words[number]!
  }
}

function roomFor(slab: NumericArray, length: number): NumericArray {
  return slab instanceof BigInt64Array ? new BigInt64Array(length) : new Float64Array(length)
}

function texts(columns: Columns, name: string): string[] {
  const column = columns.get(name)
  if (!Array.isArray(column)) throw new TypeError(`it has no text column ${name}`)
  return column
}

function numbers(columns: Columns, name: string): NumericArray {
  const column = columns.get(name)
  if (column === undefined || Array.isArray(column)) throw new TypeError(`it has no numeric column ${name}`)
  return column
}

function stateOf(text: string): number {
  const state = certificateStates.indexOf(text as CertificateState)
  if (state < 0) throw new TypeError(`it holds the unknown state '${text}'`)
  return state
}
