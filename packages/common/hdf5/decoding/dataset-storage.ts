import type { StoredValue } from '../stored-object.ts'
import { Cursor } from '../strict-reader/cursor.ts'
import { fletcher32 } from '../strict-reader/fletcher32.ts'
import { lookup3 } from '../strict-reader/lookup3.ts'
import { type HeaderMessage, messageTypes } from '../strict-reader/object-header.ts'
import { Damage, NotOurs, ours } from '../strict-reader/outcome.ts'
import type { FileWindows } from './file-windows.ts'
import { bodiesOf, only } from './filled-objects.ts'

const checksumBytes = 4
const fletcher32Pipeline = [2, 1, 3, 0, 0, 0, 0, 0]
const [singleChunk, fixedArray] = [1, 3]
const arrayHeaderBytes = 28
const arrayBlockHeadBytes = 14

interface Wanted {
  readonly shape: StoredValue['shape']
  /** Of all elements. */
  readonly bytes: number
}

/** The bytes of a dataset as ObjectEncoder stores them: in the header, or in chunks with Fletcher32. */
export function readStorage(file: FileWindows, messages: readonly HeaderMessage[], wanted: Wanted): Uint8Array {
  const fill = only(messages, messageTypes.fillValue)
  fill.expect([3], 'a fill value is of another version')
  ours([0x09, 0x0a, 0x0b].includes(fill.u8()) && fill.remaining === 0, 'a dataset has a fill value of its own')
  const layout = only(messages, messageTypes.layout)
  const filters = bodiesOf(messages, messageTypes.filters)
  const version = layout.u8()
  const kind = layout.u8()
  if (version === 4 && kind === 2) {
    ours(filters.length === 1, 'a dataset has chunks without a checksum')
    filters[0]!.expect(fletcher32Pipeline, 'a dataset has another filter')
    filters[0]!.finish('a filter pipeline')
    return readChunked(file, layout, wanted)
  }
  ours(filters.length === 0 && version === 3, 'a dataset is stored in another way')
  return kind === 0 ? readCompact(layout, wanted.bytes) : readNothing(layout, { kind, bytes: wanted.bytes })
}

function readCompact(layout: Cursor, bytes: number): Uint8Array {
  ours(layout.u16() === bytes && layout.remaining === bytes, 'a dataset has another length')
  return layout.bytes.subarray(layout.at, layout.end)
}

function readNothing(layout: Cursor, { kind, bytes }: { kind: number; bytes: number }): Uint8Array {
  ours(kind === 1 && bytes === 0, 'a dataset is stored in another way')
  ours(layout.address() === undefined && layout.u64() === 0, 'a dataset without elements has data')
  layout.finish('a data layout message')
  return new Uint8Array(0)
}

function readChunked(file: FileWindows, layout: Cursor, { shape, bytes }: Wanted): Uint8Array {
  const flags = layout.u8()
  const [rows = 1, ...rest] = shape ?? []
  ours(layout.u8() === rest.length + 2, 'a dataset has chunks of another rank')
  const lengthBytes = layout.u8()
  ours(lengthBytes >= 1 && lengthBytes <= 4, 'a dataset has chunks of another rank')
  const chunkRows = layout.unsigned(lengthBytes)
  for (const length of rest) ours(layout.unsigned(lengthBytes) === length, 'a dataset is chunked in another way')
  const rowBytes = layout.unsigned(lengthBytes) * rest.reduce((product, length) => product * length, 1)
  ours(rowBytes * rows === bytes && chunkRows >= 1 && chunkRows <= rows, 'a dataset has chunks of other elements')
  const stored = chunkRows * rowBytes + checksumBytes
  const count = Math.ceil(rows / chunkRows)
  const data = new Uint8Array(bytes)
  for (const [place, address] of chunkAddresses(file, layout, { flags, count, stored }).entries()) {
    const from = place * chunkRows * rowBytes
    data.set(readChunk(file, address, stored).subarray(0, bytes - from), from)
  }
  return data
}

function readChunk(file: FileWindows, address: number, stored: number): Uint8Array {
  const chunk = file.read(address, stored)
  const end = stored - checksumBytes
  if (new Cursor(chunk, end, stored).u32() === fletcher32(chunk, 0, end)) return chunk.subarray(0, end)
  throw new Damage('chunk checksum', `The checksum of the chunk at ${address} does not match.`)
}

interface Chunks {
  readonly flags: number
  readonly count: number
  readonly stored: number
}

function chunkAddresses(file: FileWindows, layout: Cursor, { flags, count, stored }: Chunks): number[] {
  const kind = layout.u8()
  if (kind === singleChunk) {
    ours(flags === 2 && count === 1 && layout.u64() === stored && layout.u32() === 0, 'a chunk has another size')
    return [addressAtEnd(layout)]
  }
  ours(kind === fixedArray && flags === 0, 'a dataset has another index of chunks')
  const pageBits = layout.u8()
  ours(pageBits <= 32 && count <= 2 ** pageBits, 'an index of chunks is paged')
  return readFixedArray(file, addressAtEnd(layout), { pageBits, count, stored })
}

function addressAtEnd(layout: Cursor): number {
  const address = layout.address()
  layout.finish('a data layout message')
  if (address === undefined) throw new NotOurs('a dataset has no data')
  return address
}

function readFixedArray(
  file: FileWindows,
  at: number,
  { pageBits, count, stored }: { pageBits: number; count: number; stored: number },
): number[] {
  const header = verified(file, at, arrayHeaderBytes)
  header.expect([...Buffer.from('FAHD'), 0, 1], 'an index of chunks is none of ours')
  const entryBytes = header.u8()
  ours(
    header.u8() === pageBits && header.u64() === count && entryBytes > 12 && entryBytes <= 20,
    'an index contradicts itself',
  )
  const blockAt = header.address()
  header.finish('an index of chunks')
  ours(blockAt !== undefined, 'an index of chunks is empty')
  const block = verified(file, blockAt, arrayBlockHeadBytes + count * entryBytes + checksumBytes)
  block.expect([...Buffer.from('FADB'), 0, 1], 'an index of chunks is none of ours')
  ours(block.u64() === at, 'an index has the entries of another')
  return Array.from({ length: count }, () => {
    const address = block.address()
    ours(block.unsigned(entryBytes - 12) === stored && block.u32() === 0, 'a chunk has another size')
    if (address === undefined) throw new NotOurs('a chunk is absent')
    return address
  })
}

function verified(file: FileWindows, at: number, length: number): Cursor {
  const block = file.read(at, length).slice()
  const end = length - checksumBytes
  if (new Cursor(block, end, length).u32() !== lookup3(block, 0, end)) {
    throw new Damage('chunk index checksum', `The checksum of the index at ${at} does not match.`)
  }
  return new Cursor(block, 0, end)
}
