import { lookup3 } from '../strict-reader/lookup3.ts'
import type { ByteSink } from './byte-sink.ts'

export interface Chunk {
  readonly address: number
  /** As stored, its checksum included. */
  readonly bytes: number
}

const headerBytes = 28
const filteredChunks = 1
const leastPageBits = 10

/**
 * Puts the index of a dataset of a fixed shape in several chunks, row-major: a fixed array (section VII.C) in one page.
 * Returns the page bits, which the layout message repeats.
 */
export function putFixedArray(
  sink: ByteSink,
  chunks: readonly Chunk[],
  { address, chunkBytes }: { address: number; chunkBytes: number },
): number {
  const lengthBytes = Math.min(8, 1 + Math.floor((Math.floor(Math.log2(chunkBytes)) + 8) / 8))
  const pageBits = Math.max(leastPageBits, Math.ceil(Math.log2(chunks.length)))
  const header = sink.length
  sink.bytes(Buffer.from('FAHD'))
  for (const eight of [0, filteredChunks, 8 + lengthBytes + 4, pageBits]) sink.u8(eight)
  sink.u64(chunks.length)
  sink.u64(address + headerBytes)
  sink.u32(lookup3(sink.written, header, sink.length))
  const block = sink.length
  sink.bytes(Buffer.from('FADB'))
  sink.u8(0)
  sink.u8(filteredChunks)
  sink.u64(address)
  for (const chunk of chunks) {
    sink.u64(chunk.address)
    for (let at = 0; at < lengthBytes; at++) sink.u8(Math.floor(chunk.bytes / 256 ** at) & 255)
    sink.u32(0)
  }
  sink.u32(lookup3(sink.written, block, sink.length))
  return pageBits
}
