import { elementCount } from '../element-types.ts'
import { Hdf5Error } from '../hdf5-error.ts'
import { elementBytesOf, type StoredDataset, type StoredGroup, type StoredValue } from '../stored-object.ts'
import { fletcher32 } from '../strict-reader/fletcher32.ts'
import { messageTypes } from '../strict-reader/object-header.ts'
import { ByteSink } from './byte-sink.ts'
import { type Chunk, putFixedArray } from './chunk-index.ts'
import { countOf, dataspaceLength, datatypeBytes, putDataspace } from './messages.ts'
import { constant, putGroupInfo, putMessage, putObjectHeader, unshared } from './object-header.ts'
import type { StringHeap } from './string-heap.ts'

/** Up to here data stand in the object header, under its checksum; beyond it in chunks with one of their own. */
const largestInHeader = 32 * 2 ** 10
const largestChunk = 2 ** 20
/** Bytes of a reference to variable-length text: its length, and the address and index of its place in the heap. */
const textReferenceBytes = 16
const fletcher32Filter = 3
/** When the space is made and the fill value written, as libhdf5 has it for each storage. */
const fillFlags = { compact: 0x09, contiguous: 0x0a, chunked: 0x0b } as const

/** What a group's header is made of, beside what every group's begins with. */
export interface GroupMessages {
  /** Its attributes and links; good until the call they are given to returns. */
  readonly messages: Uint8Array
  readonly links: number
  readonly attributes: number
}

/**
 * Encodes HDF5 objects as libhdf5 with libver v110 reads them: object headers of version 2 under checksums, small data in
 * the header, larger ones in chunks with Fletcher32. No time, no address of memory: the same object at the same address
 * has the same bytes.
 */
export class ObjectEncoder {
  readonly #heap: StringHeap
  readonly #sink: ByteSink
  readonly #scratch: ByteSink[] = []
  /** Address of the sink's first byte. */
  #base: number

  constructor(sink: ByteSink, heap: StringHeap, base: number) {
    this.#sink = sink
    this.#heap = heap
    this.#base = base
  }

  /** The address at which the next object will stand. */
  get address(): number {
    return this.#base + this.#sink.length
  }

  /** What was encoded so far has gone to the file. */
  flushed(): void {
    this.#base += this.#sink.length
    this.#sink.clear()
  }

  /** Encodes everything in a group; its own header is for `putHeader` to make. */
  contentsOf(group: StoredGroup, putHeader: (messages: GroupMessages) => void): void {
    const members = [...group.datasets.keys(), ...group.groups.keys()].sort(byBytes)
    const links = members.map((name) => {
      const dataset = group.datasets.get(name)
      return [name, dataset ? this.#dataset(dataset) : this.#group(group.groups.get(name)!)] as const
    })
    this.#withScratch((messages) => {
      if (group.attributes.size > 0) this.#putAttributes(messages, group.attributes)
      for (const [name, address] of links) putLink(messages, name, address)
      putHeader({ messages: messages.written, links: links.length, attributes: group.attributes.size })
    })
  }

  #group(group: StoredGroup): number {
    let address = 0
    this.contentsOf(group, ({ messages, links, attributes }) =>
      this.#withScratch((all) => {
        putGroupInfo(all, links)
        all.bytes(messages)
        address = this.address
        putObjectHeader(this.#sink, all.written, { attributes })
      }),
    )
    return address
  }

  #dataset(dataset: StoredDataset): number {
    return this.#withScratch((messages) => {
      putMessage(messages, messageTypes.dataspace, () => putDataspace(messages, dataset.shape))
      putMessage(messages, messageTypes.datatype, () => messages.bytes(datatypeBytes(dataset.type)), constant)
      this.#putStorage(messages, dataset)
      if (dataset.attributes.size > 0) this.#putAttributes(messages, dataset.attributes)
      const { address } = this
      putObjectHeader(this.#sink, messages.written, { attributes: dataset.attributes.size })
      return address
    })
  }

  /** Messages are put together apart from the objects that they make others put into the file. */
  #withScratch<Result>(work: (sink: ByteSink) => Result): Result {
    const sink = this.#scratch.pop() ?? new ByteSink()
    sink.clear()
    const result = work(sink)
    this.#scratch.push(sink)
    return result
  }

  #putStorage(messages: ByteSink, dataset: StoredDataset): void {
    const data = this.#dataOf(dataset)
    if (data.length > largestInHeader) {
      this.#putChunks(messages, data, dataset.shape ?? [])
    } else if (data.length > 0) {
      putFill(messages, fillFlags.compact)
      putLayout(messages, () => {
        messages.u8(3)
        messages.u8(0)
        messages.u16(data.length)
        messages.bytes(data)
      })
    } else {
      putFill(messages, fillFlags.contiguous)
      putLayout(messages, () => {
        messages.u8(3)
        messages.u8(1)
        messages.noAddress()
        messages.u64(0)
      })
    }
  }

  #putChunks(messages: ByteSink, data: Uint8Array, shape: readonly number[]): void {
    const [rows = 1, ...rest] = shape
    const rowBytes = data.length / rows
    const chunkRows = Math.max(1, Math.min(rows, Math.floor(largestChunk / rowBytes)))
    const chunks: Chunk[] = []
    for (let row = 0; row < rows; row += chunkRows) {
      const part = data.subarray(row * rowBytes, (row + chunkRows) * rowBytes)
      chunks.push(this.#chunk(part, chunkRows * rowBytes))
    }
    const [only] = chunks
    const isSingle = chunks.length === 1
    const index = isSingle ? { address: only!.address, pageBits: 0 } : this.#chunkIndex(chunks, chunkRows * rowBytes)
    putFill(messages, fillFlags.chunked)
    const dimensions = [chunkRows, ...rest, rowBytes / elementCount(rest)]
    // libhdf5 demands as few as the longest dimension needs.
    const dimensionBytes = Math.floor((Math.floor(Math.log2(Math.max(...dimensions))) + 8) / 8)
    putLayout(messages, () => {
      for (const eight of [4, 2, isSingle ? 2 : 0, dimensions.length, dimensionBytes]) messages.u8(eight)
      for (const length of dimensions) {
        for (let at = 0; at < dimensionBytes; at++) messages.u8((length >>> (8 * at)) & 255)
      }
      messages.u8(isSingle ? 1 : 3)
      if (isSingle) {
        messages.u64(only!.bytes)
        messages.u32(0)
      } else messages.u8(index.pageBits)
      messages.u64(index.address)
    })
    putMessage(messages, messageTypes.filters, () => putFletcher32(messages), constant)
  }

  /** A chunk that its rows do not fill is filled up with zeros. */
  #chunk(part: Uint8Array, chunkBytes: number): Chunk {
    const { address } = this
    let whole = part
    if (part.length < chunkBytes) {
      whole = new Uint8Array(chunkBytes)
      whole.set(part)
    }
    this.#sink.bytes(whole)
    this.#sink.u32(fletcher32(whole, 0, whole.length))
    return { address, bytes: chunkBytes + 4 }
  }

  #chunkIndex(chunks: readonly Chunk[], chunkBytes: number): { address: number; pageBits: number } {
    const { address } = this
    return { address, pageBits: putFixedArray(this.#sink, chunks, { address, chunkBytes }) }
  }

  #putAttributes(messages: ByteSink, attributes: ReadonlyMap<string, StoredValue>): void {
    putMessage(
      messages,
      messageTypes.attributeInfo,
      () => {
        messages.u16(0)
        messages.noAddress()
        messages.noAddress()
      },
      unshared,
    )
    for (const name of [...attributes.keys()].sort(byBytes)) this.#putAttribute(messages, name, attributes.get(name)!)
  }

  #putAttribute(messages: ByteSink, name: string, value: StoredValue): void {
    const encodedName = Buffer.from(name)
    const type = datatypeBytes(value.type)
    const data = this.#dataOf(value)
    putMessage(messages, messageTypes.attribute, () => {
      messages.u8(3)
      messages.u8(0)
      messages.u16(encodedName.length + 1)
      messages.u16(type.length)
      messages.u16(dataspaceLength(value.shape))
      messages.u8(isAscii(encodedName) ? 0 : 1)
      messages.bytes(encodedName)
      messages.u8(0)
      messages.bytes(type)
      putDataspace(messages, value.shape)
      messages.bytes(data)
    })
  }

  /** The bytes that stand in the object: of variable-length text where in the heap it is. */
  #dataOf(value: StoredValue): Uint8Array {
    const { type, data } = value
    const count = countOf(value)
    const elementBytes = elementBytesOf(type)
    if (elementBytes === undefined) return this.#textReferences(data, count)
    if (data.length !== count * elementBytes) {
      throw new Hdf5Error(`${data.length} bytes do not fill ${count} elements of ${elementBytes} bytes`)
    }
    return data
  }

  #textReferences(data: Uint8Array, count: number): Uint8Array {
    const references = new Uint8Array(count * textReferenceBytes)
    const view = new DataView(references.buffer)
    const lengths = new DataView(data.buffer, data.byteOffset, data.byteLength)
    let from = 0
    for (let at = 0; at < references.length; at += textReferenceBytes) {
      const length = lengths.getUint32(from, true)
      from += 4
      if (length === 0) continue
      const { address, index } = this.#heap.put(data.subarray(from, from + length), this.#sink, this.#base)
      from += length
      view.setUint32(at, length, true)
      view.setBigUint64(at + 4, BigInt(address), true)
      view.setUint32(at + 12, index, true)
    }
    return references
  }
}

/** Orders names by their UTF-8 bytes, as HDF5 does. */
function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

function putLayout(messages: ByteSink, put: () => void): void {
  putMessage(messages, messageTypes.layout, put)
}

function putFill(messages: ByteSink, flags: number): void {
  putMessage(
    messages,
    messageTypes.fillValue,
    () => {
      messages.u8(3)
      messages.u8(flags)
    },
    constant,
  )
}

function putFletcher32(messages: ByteSink): void {
  messages.u8(2)
  messages.u8(1)
  messages.u16(fletcher32Filter)
  messages.u16(0)
  messages.u16(0)
}

function putLink(messages: ByteSink, name: string, address: number): void {
  const encoded = Buffer.from(name)
  const lengthCode = encoded.length < 256 ? 0 : 1
  const ascii = isAscii(encoded)
  putMessage(messages, messageTypes.link, () => {
    messages.u8(1)
    messages.u8(lengthCode | (ascii ? 0 : 0x10))
    if (!ascii) messages.u8(1)
    if (lengthCode === 0) messages.u8(encoded.length)
    else messages.u16(encoded.length)
    messages.bytes(encoded)
    messages.u64(address)
  })
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 128)
}
