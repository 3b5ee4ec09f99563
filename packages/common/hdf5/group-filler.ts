import { fstatSync } from 'node:fs'
import { readFully, writeFully } from '../files/whole-transfers.ts'
import { ByteSink } from './encoding/byte-sink.ts'
import { ObjectEncoder } from './encoding/object-encoder.ts'
import { putContinuationBlock, putGroupInfo, putMessage, putObjectHeader } from './encoding/object-header.ts'
import { StringHeap } from './encoding/string-heap.ts'
import { Hdf5Error } from './hdf5-error.ts'
import type { StoredGroup } from './stored-object.ts'
import { lookup3 } from './strict-reader/lookup3.ts'
import { messageTypes } from './strict-reader/object-header.ts'

const flushedBytes = 1 << 20
/** An empty group as libhdf5 (libver v110) writes it: header, times, size of its messages, messages, checksum. */
const headerBytes = 4 + 2 + 16 + 1 + 120 + 4
const emptyHeader = [...Buffer.from('OHDR'), 2]
const superblock = { bytes: 48, endOfFile: 28, checksum: 44 } as const

/**
 * Fills groups that libhdf5 has made, and that are still empty, in a file that is closed: what is in them goes to the end
 * of the file, and their headers are made to point there. libhdf5 itself needs a dozen calls and ten times as long.
 */
export class GroupFiller {
  readonly #fd: number
  readonly #sink = new ByteSink()
  readonly #header = new ByteSink()
  readonly #messages = new ByteSink()
  readonly #heap = new StringHeap()
  readonly #there = new Uint8Array(headerBytes)
  readonly #encoder: ObjectEncoder
  #end: number

  /** `fd`: open for reading and writing. */
  constructor(fd: number) {
    this.#fd = fd
    this.#end = fstatSync(fd).size
    this.#encoder = new ObjectEncoder(this.#sink, this.#heap, this.#end)
  }

  /** Fills the empty group whose header stands at `address`. */
  fill(address: number, group: StoredGroup): void {
    this.#encoder.contentsOf(group, ({ messages, links, attributes }) => {
      const block = this.#encoder.address
      putContinuationBlock(this.#sink, messages)
      const blockBytes = this.#encoder.address - block
      this.#messages.clear()
      this.#header.clear()
      putGroupInfo(this.#messages, links)
      putMessage(this.#messages, messageTypes.continuation, () => {
        this.#messages.u64(block)
        this.#messages.u64(blockBytes)
      })
      putObjectHeader(this.#header, this.#messages.written, { attributes, paddedTo: headerBytes })
    })
    this.#replaceHeader(address)
    if (this.#sink.length >= flushedBytes) this.#flush()
  }

  /** Writes what is left, and tells the superblock how long the file is now. */
  finish(): void {
    this.#flush()
    for (const { address, bytes } of this.#heap.take({ all: true })) writeFully(this.#fd, bytes, address)
    const block = this.#read(new Uint8Array(superblock.bytes), 0)
    const view = new DataView(block.buffer)
    view.setBigUint64(superblock.endOfFile, BigInt(this.#end), true)
    view.setUint32(superblock.checksum, lookup3(block, 0, superblock.checksum), true)
    writeFully(this.#fd, block, 0)
  }

  #replaceHeader(address: number): void {
    const there = this.#read(this.#there, address)
    const isHeader = emptyHeader.every((byte, at) => there[at] === byte)
    if (!isHeader || there[22] !== 120) {
      throw new Hdf5Error(`there is no empty group at ${address}: this libhdf5 writes other headers`)
    }
    writeFully(this.#fd, this.#header.written, address)
  }

  #flush(): void {
    writeFully(this.#fd, this.#sink.written, this.#end)
    this.#end += this.#sink.length
    this.#encoder.flushed()
    for (const { address, bytes } of this.#heap.take()) writeFully(this.#fd, bytes, address)
  }

  #read(bytes: Uint8Array, position: number): Uint8Array {
    if (readFully(this.#fd, bytes, position) === bytes.length) return bytes
    throw new Hdf5Error(`the file ends before ${position + bytes.length}`)
  }
}
