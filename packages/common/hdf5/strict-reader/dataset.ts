import type { ElementType } from '../../results/contents.ts'
import { elementBytes, elementCount } from '../element-types.ts'
import { fletcher32Filter } from '../reader.ts'
import { readChunkIndex } from './chunk-index.ts'
import { type Cursor, u32At } from './cursor.ts'
import { readDataspace } from './dataspace.ts'
import { readElementType } from './datatype.ts'
import { checksumBytes, type FileBlocks } from './file-blocks.ts'
import { fletcher32 } from './fletcher32.ts'
import { type HeaderMessage, messageTypes, onlyTypes, soleMessage } from './object-header.ts'
import { Damage, NotOurs, ours } from './outcome.ts'

export interface StrictDataset {
  readonly elementType: ElementType
  readonly shape: readonly number[]
  readonly chunks: readonly number[] | null
  /** Its bytes in row-major order, one part after the other; views of the file. */
  readonly parts: readonly Uint8Array[]
}

const scalarTypes = [messageTypes.dataspace, messageTypes.datatype, messageTypes.fillValue, messageTypes.layout]
const chunkedTypes = [...scalarTypes, messageTypes.filters]
/** Fill value messages of version 3: written when set, never set; allocated when written to, or with the dataset. */
const chunkedFill = [3, 0x0b]
const contiguousFill = [3, 0x0a]
/** A pipeline of version 2 of one filter: Fletcher32, without parameters, that may not be left out. */
const fletcher32Pipeline = [2, 1, fletcher32Filter, 0, 0, 0, 0, 0]

/**
 * A dataset from the messages of its object header, every chunk verified (format specification 3.0, IV.A.2.b, d, f, i, l).
 * Scalars lie contiguous without a checksum of HDF5's; only the digest over the contents covers them.
 */
export function readDataset(file: FileBlocks, messages: readonly HeaderMessage[], what: string): StrictDataset {
  const shape = readDataspace(soleMessage(messages, messageTypes.dataspace, what))
  const elementType = readElementType(soleMessage(messages, messageTypes.datatype, what))
  const fill = soleMessage(messages, messageTypes.fillValue, what)
  const layout = soleMessage(messages, messageTypes.layout, what)
  if (shape.length === 0) {
    onlyTypes(messages, scalarTypes, what)
    expectWhole(fill, contiguousFill, `${what} has a fill value of its own`)
    return { elementType, shape, chunks: null, parts: [readScalar(file, layout, { elementType, what })] }
  }
  onlyTypes(messages, chunkedTypes, what)
  expectWhole(fill, chunkedFill, `${what} has a fill value of its own`)
  const filters = soleMessage(messages, messageTypes.filters, what)
  expectWhole(filters, fletcher32Pipeline, `${what} has filters other than Fletcher32`)
  return { elementType, shape, ...readChunked(file, layout, { elementType, shape, what }) }
}

function expectWhole(body: Cursor, expected: readonly number[], what: string): void {
  body.expect(expected, what)
  body.finish(what)
}

interface Described {
  readonly elementType: ElementType
  readonly what: string
}

/** A data layout message of version 3, contiguous. */
function readScalar(file: FileBlocks, layout: Cursor, { elementType, what }: Described): Uint8Array {
  layout.expect([3, 1], `${what} is a scalar that is not contiguous`)
  const address = layout.address()
  const bytes = elementBytes(elementType)
  ours(address !== undefined && layout.u64() === bytes, `${what} has no data, or of another size`)
  layout.finish('a data layout message')
  file.claim(address, bytes, what)
  return file.bytes.subarray(address, address + bytes)
}

/** A data layout message of version 4, chunked along the first dimension only. */
function readChunked(
  file: FileBlocks,
  layout: Cursor,
  { elementType, shape, what }: Described & { readonly shape: readonly number[] },
): Pick<StrictDataset, 'chunks' | 'parts'> {
  layout.expect([4, 2], `${what} is not chunked`)
  const flags = layout.u8()
  ours(layout.u8() === shape.length + 1, `${what} has chunks of another rank`)
  const lengthBytes = layout.u8()
  ours(lengthBytes >= 1 && lengthBytes <= 8, `${what} has chunks of another rank`)
  const chunks = shape.map(() => layout.unsigned(lengthBytes))
  const size = elementBytes(elementType)
  ours(layout.unsigned(lengthBytes) === size, `${what} has chunks of other elements`)
  const count = chunkCount(shape, chunks, what)
  const storedBytes = elementCount(chunks) * size + checksumBytes
  const stored = readChunkIndex(file, { flags, body: layout }, { count, storedBytes, what })
  let missing = elementCount(shape) * size
  const parts = stored.map(({ address }) => {
    const part = readChunk(file, { address, storedBytes, what }).subarray(0, missing)
    missing -= part.length
    return part
  })
  if (missing !== 0) throw new NotOurs(`${what} has ${missing} bytes less than its dimensions say`)
  return { chunks, parts }
}

/** The number of chunks of a dataset that is split along its first dimension. */
function chunkCount(
  [rows = 0, ...rest]: readonly number[],
  [chunkRows = 0, ...chunkRest]: readonly number[],
  what: string,
): number {
  const whole = rest.every((length, index) => chunkRest[index] === Math.max(1, length))
  ours(whole && chunkRows >= 1 && chunkRows <= Math.max(1, rows), `${what} is chunked in another way`)
  return rest.includes(0) ? 0 : Math.ceil(rows / chunkRows)
}

function readChunk(
  file: FileBlocks,
  { address, storedBytes, what }: { address: number; storedBytes: number; what: string },
): Uint8Array {
  file.claim(address, storedBytes, `a chunk of ${what}`)
  const end = address + storedBytes - checksumBytes
  if (u32At(file.bytes, end) !== fletcher32(file.bytes, address, end)) {
    throw new Damage(
      'chunk checksum',
      `The checksum of a chunk of ${what} (bytes ${address} to ${end}) does not match.`,
    )
  }
  return file.bytes.subarray(address, end)
}
