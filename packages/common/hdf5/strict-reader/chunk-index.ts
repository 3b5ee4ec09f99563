import type { Cursor } from './cursor.ts'
import { checksumBytes, type FileBlocks } from './file-blocks.ts'
import { NotOurs, ours } from './outcome.ts'

export interface StoredChunk {
  readonly address: number
  /** With the four bytes of its Fletcher32 checksum. */
  readonly storedBytes: number
}

export interface ChunkIndexRequest {
  readonly count: number
  /** What every chunk takes in the file. */
  readonly storedBytes: number
  readonly what: string
}

const check = 'chunk index checksum'
const singleChunk = 1
const fixedArray = 3
const filteredChunks = 1
/** Entries up to which an array is not paged, as a power of two. */
const pageBits = 10
const arrayHeaderBytes = 28
const arrayBlockHeadBytes = 14

/**
 * The chunks of a dataset in their order, from the end of a data layout message of version 4 (format specification 3.0,
 * IV.A.2.i): a single chunk (VII.A), or a fixed array of them (VII.C). Others (implicit, extensible array, B-tree) belong
 * to datasets that can grow or are not filtered.
 */
export function readChunkIndex(
  file: FileBlocks,
  { flags, body }: { readonly flags: number; readonly body: Cursor },
  request: ChunkIndexRequest,
): StoredChunk[] {
  const kind = body.u8()
  if (kind === singleChunk && flags === 2) return [readSingleChunk(body, request)]
  if (kind === fixedArray && flags === 0) return readFixedArray(file, body, request)
  throw new NotOurs(`${request.what} has a chunk index of kind ${kind} with flags ${flags}`)
}

function readSingleChunk(body: Cursor, { count, storedBytes, what }: ChunkIndexRequest): StoredChunk {
  ours(count === 1, `${what} has one chunk for ${count}`)
  const stored = body.u64()
  ours(stored === storedBytes && body.u32() === 0, `${what} has a chunk of another size`)
  const address = body.address()
  body.finish('a data layout message')
  ours(address !== undefined, `${what} has no data`)
  return { address, storedBytes }
}

function readFixedArray(file: FileBlocks, body: Cursor, request: ChunkIndexRequest): StoredChunk[] {
  const { count, what } = request
  ours(body.u8() === pageBits, `${what} has a chunk index of pages`)
  const headerAt = body.address()
  body.finish('a data layout message')
  if (headerAt === undefined) {
    ours(count === 0, `${what} has no data`)
    return []
  }
  ours(count > 0 && count <= 1 << pageBits, `${what} has ${count} chunks`)
  const named = `the chunk index of ${what}`
  const header = file.verified(headerAt, arrayHeaderBytes, { signature: 'FAHD', what: named, check })
  header.expect([0, filteredChunks], `${named} is none of ours`)
  const entryBytes = header.u8()
  header.expect([pageBits], `${named} is one of pages`)
  ours(header.u64() === count, `${named} has another number of chunks`)
  const blockAt = header.address()
  ours(blockAt !== undefined && entryBytes > 12 && entryBytes <= 20, `${named} is none of ours`)
  header.finish(named)
  const blockBytes = arrayBlockHeadBytes + count * entryBytes + checksumBytes
  const block = file.verified(blockAt, blockBytes, { signature: 'FADB', what: named, check })
  block.expect([0, filteredChunks], `${named} is none of ours`)
  ours(block.u64() === headerAt, `${named} has the entries of another`)
  return Array.from({ length: count }, () => readEntry(block, entryBytes, request))
}

function readEntry(block: Cursor, entryBytes: number, { storedBytes, what }: ChunkIndexRequest): StoredChunk {
  const address = block.address()
  const stored = block.unsigned(entryBytes - 12)
  const mask = block.u32()
  ours(address !== undefined && stored === storedBytes && mask === 0, `${what} has a chunk of another size, or none`)
  return { address, storedBytes }
}
