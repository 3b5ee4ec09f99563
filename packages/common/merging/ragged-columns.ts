import { arrayOf, bytesOf } from '../hdf5/element-types.ts'
import type { Hdf5Writer } from '../hdf5/writer.ts'
import type { DatasetContents, ElementType, NumericArray } from '../results/contents.ts'

/** Where the elements of one configuration's dataset lie in a ragged column. */
export interface RaggedPlace {
  readonly path: string
  /** Elements before it. */
  readonly start: number
}

interface Column {
  readonly elementType: ElementType
  length: number
  pending: NumericArray[]
  pendingLength: number
}

const chunkElements = 8192
const root = '/init/more'

/**
 * Datasets of differing lengths (an optimizer's history), one configuration's elements behind the other's: a column
 * `/init/more/<name>.<element type>` for each name and type.
 */
export class RaggedColumns {
  readonly #writer: Hdf5Writer
  readonly #columns = new Map<string, Column>()

  constructor(writer: Hdf5Writer) {
    this.#writer = writer
  }

  /** Takes in a dataset's elements, row-major, and says where they will lie. */
  append(name: string, { elementType, data }: DatasetContents): RaggedPlace {
    const path = `${root}/${name.replaceAll('/', '.')}.${elementType.slice(1)}`
    const column = this.#columns.get(path) ?? this.#start(path, elementType)
    const start = column.length
    column.pending.push(data)
    column.length += data.length
    column.pendingLength += data.length
    if (column.pendingLength >= chunkElements) this.#flush(path, column, false)
    return { path, start }
  }

  /** Writes what is still held back. */
  finish(): void {
    for (const [path, column] of this.#columns) this.#flush(path, column, true)
  }

  #start(path: string, elementType: ElementType): Column {
    if (this.#columns.size === 0) this.#writer.createGroup(root)
    const column = { elementType, length: 0, pending: [], pendingLength: 0 }
    this.#columns.set(path, column)
    const empty = joined(elementType, [])
    const storage = { chunks: [chunkElements], fletcher32: true, maxShape: [null] }
    this.#writer.writeDataset(path, { elementType, shape: [0], data: empty, ...storage })
    return column
  }

  /** Whole chunks only, until the end: rewriting a checksummed chunk for every row is slow. */
  #flush(path: string, column: Column, all: boolean): void {
    const data = joined(column.elementType, column.pending)
    const ready = all ? data.length : data.length - (data.length % chunkElements)
    this.#writer.appendRows(path, data.subarray(0, ready))
    column.pending = [data.slice(ready)]
    column.pendingLength = data.length - ready
  }
}

function joined(elementType: ElementType, parts: readonly NumericArray[]): NumericArray {
  return arrayOf(elementType, Buffer.concat(parts.map((part) => bytesOf(elementType, part))))
}
