import type { Hdf5Reader } from '../hdf5/reader.ts'
import type { DatasetContents, NumericArray } from '../results/contents.ts'

const windowElements = 65_536

/**
 * Reads ragged columns the way they are verified, one configuration after the other: a window at a time, because every
 * read of a few elements costs that of their whole chunk.
 */
export class RaggedReader {
  readonly #reader: Hdf5Reader
  readonly #windows = new Map<string, { start: number; contents: DatasetContents }>()

  constructor(reader: Hdf5Reader) {
    this.#reader = reader
  }

  /** Elements [start, start + count) of a column. */
  read(
    path: string,
    start: number,
    count: number,
  ): { elementType: DatasetContents['elementType']; data: NumericArray } {
    let window = this.#windows.get(path)
    if (!window || start < window.start || start + count > window.start + window.contents.data.length) {
      window = { start, contents: this.#readWindow(path, start, count) }
      this.#windows.set(path, window)
    }
    const { elementType, data } = window.contents
    const from = start - window.start
    return { elementType, data: data.slice(from, from + count) }
  }

  #readWindow(path: string, start: number, count: number): DatasetContents {
    const available = (this.#reader.datasetInfo(path).shape[0] ?? 0) - start
    const length = Math.max(count, Math.min(windowElements, available))
    try {
      return this.#reader.readRows(path, start, length)
    } catch (error) {
      if (length === count) throw error
      // Damage elsewhere in the window is not damage of these elements.
      return this.#reader.readRows(path, start, count)
    }
  }
}
