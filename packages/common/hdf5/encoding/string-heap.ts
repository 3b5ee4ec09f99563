import type { ByteSink } from './byte-sink.ts'

/** The least that libhdf5 takes for a collection. */
const collectionBytes = 4096
const collectionHead = 16
const objectHead = 16

export interface HeapPlace {
  readonly address: number
  readonly index: number
}

export interface Collection {
  readonly address: number
  readonly bytes: Uint8Array
}

/**
 * Variable-length text: collections of the global heap, each filled by one text after the other. Room for a collection is
 * taken where it is needed; its bytes are known only when it is full.
 */
export class StringHeap {
  #open: { address: number; bytes: Uint8Array; view: DataView; used: number; objects: number } | undefined
  #full: Collection[] = []

  /** Finds a place for a text; a new collection goes to the end of `sink`, whose first byte has the address `base`. */
  put(text: Uint8Array, sink: ByteSink, base: number): HeapPlace {
    const needed = objectHead + paddedLength(text.length)
    if (
      this.#open === undefined ||
      this.#open.used + needed > this.#open.bytes.length ||
      this.#open.objects >= 0xffff
    ) {
      this.#begin(sink, base, collectionHead + needed)
    }
    const open = this.#open!
    const index = ++open.objects
    open.view.setUint16(open.used, index, true)
    open.view.setUint32(open.used + 8, text.length, true)
    open.bytes.set(text, open.used + objectHead)
    open.used += needed
    return { address: open.address, index }
  }

  /** Collections that are complete by now, each once; with `all` the one that is being filled, too. */
  take({ all = false } = {}): Collection[] {
    if (all) this.#close()
    return this.#full.splice(0)
  }

  #begin(sink: ByteSink, base: number, needed: number): void {
    this.#close()
    const length = Math.max(collectionBytes, needed)
    const bytes = new Uint8Array(length)
    const view = new DataView(bytes.buffer)
    bytes.set(Buffer.from('GCOL'))
    view.setUint8(4, 1)
    view.setUint32(8, length, true)
    this.#open = { address: base + sink.length, bytes, view, used: collectionHead, objects: 0 }
    sink.zeros(length)
  }

  /** What is left of a collection is its object 0: free space. */
  #close(): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    const left = open.bytes.length - open.used
    if (left >= objectHead) open.view.setUint32(open.used + 8, left, true)
    this.#full.push({ address: open.address, bytes: open.bytes })
  }
}

function paddedLength(length: number): number {
  return Math.ceil(length / 8) * 8
}
