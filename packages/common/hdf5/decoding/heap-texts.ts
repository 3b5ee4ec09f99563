import { Cursor } from '../strict-reader/cursor.ts'
import { ours } from '../strict-reader/outcome.ts'
import type { FileWindows } from './file-windows.ts'

const headBytes = 16
const objectHeadBytes = 16
const leastBytes = 4096
const largestBytes = 64 * 2 ** 20
const collectionsKept = 8

interface HeapCollection {
  readonly bytes: Uint8Array
  /** Where each object lies, by its index. */
  readonly objects: ReadonlyMap<number, { readonly from: number; readonly length: number }>
}

/** Texts of variable length, from collections of the global heap as StringHeap fills them. */
export class HeapTexts {
  readonly #file: FileWindows
  readonly #collections = new Map<number, HeapCollection>()

  constructor(file: FileWindows) {
    this.#file = file
  }

  /** The bytes of the text that is `index` in the collection at `address`. */
  text(address: number, index: number, length: number): Uint8Array {
    const { bytes, objects } = this.#collectionAt(address)
    const object = objects.get(index)
    ours(object?.length === length, 'a text is not where it should be')
    return bytes.subarray(object.from, object.from + length)
  }

  #collectionAt(address: number): HeapCollection {
    const known = this.#collections.get(address)
    if (known) return known
    const collection = this.#read(address)
    if (this.#collections.size >= collectionsKept) this.#collections.delete(this.#collections.keys().next().value!)
    this.#collections.set(address, collection)
    return collection
  }

  #read(address: number): HeapCollection {
    const head = new Cursor(this.#file.read(address, headBytes), 0, headBytes)
    head.expect([0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0], 'a heap is none of ours')
    const size = head.u64()
    ours(size >= leastBytes && size <= largestBytes, 'a heap has another size')
    const bytes = this.#file.read(address, size).slice()
    const objects = new Map<number, { from: number; length: number }>()
    const cursor = new Cursor(bytes, headBytes, size)
    while (cursor.remaining >= objectHeadBytes) {
      const index = cursor.u16()
      cursor.expect([0, 0, 0, 0, 0, 0], 'an object of a heap is none of ours')
      const length = cursor.u64()
      if (index === 0) break
      objects.set(index, { from: cursor.at, length })
      cursor.part(Math.ceil(length / 8) * 8)
    }
    return { bytes, objects }
  }
}
