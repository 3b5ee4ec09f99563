import { fletcher32 } from '@windrow/common/hdf5/strict-reader/fletcher32.ts'
import { lookup3 } from '@windrow/common/hdf5/strict-reader/lookup3.ts'
import type { Seed } from './seeds.ts'

/** A stretch of a file with its checksum, which stands at `at`: behind it, or within it as zeros. */
interface ChecksummedBlock {
  readonly from: number
  readonly to: number
  readonly at: number
  readonly sum: typeof lookup3
}

const signatures = [
  'OHDR',
  'OCHK',
  'FRHP',
  'FHIB',
  'BTHD',
  'BTLF',
  'BTIN',
  'FSHD',
  'FSSE',
  'FAHD',
  'FADB',
  'EAHD',
  'EAIB',
]
const largestBlock = 8192
const heapBlockChecksumAt = 17
const superblockBytes = 44

/**
 * Finds the blocks of a sound file that carry a checksum, by trying: whoever forges a file must mend their checksums
 * after changing a byte, and so must the mutants that are to get past them.
 */
export function checksummedBlocks({ bytes, contents }: Seed): ChecksummedBlock[] {
  const blocks: ChecksummedBlock[] = []
  if ((bytes[8] ?? 0) >= 2) blocks.push({ from: 0, to: superblockBytes, at: superblockBytes, sum: lookup3 })
  for (const signature of signatures) {
    for (const from of placesOf(bytes, signature)) {
      const to = endOfBlock(bytes, from)
      if (to !== undefined) blocks.push({ from, to, at: to, sum: lookup3 })
    }
  }
  for (const from of placesOf(bytes, 'FHDB')) {
    blocks.push({
      from,
      to: from + 512,
      at: from + heapBlockChecksumAt,
      sum: withoutItself(from + heapBlockChecksumAt),
    })
  }
  return [...blocks, ...chunksOf(bytes, contents)]
}

/** Computes all checksums again, in place. */
export function mendChecksums(bytes: Uint8Array, blocks: readonly ChecksummedBlock[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (const { from, to, at, sum } of blocks) view.setUint32(at, sum(bytes, from, to), true)
}

function placesOf(bytes: Uint8Array, text: string): number[] {
  const places: number[] = []
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = file.indexOf(text); at >= 0; at = file.indexOf(text, at + 1)) places.push(at)
  return places
}

function endOfBlock(bytes: Uint8Array, from: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let to = from + 8; to + 4 <= Math.min(bytes.length, from + largestBlock); to++) {
    if (view.getUint32(to, true) === lookup3(bytes, from, to)) return to
  }
  return undefined
}

function withoutItself(at: number): typeof lookup3 {
  return (bytes, from, to) => lookup3(Uint8Array.from(bytes).fill(0, at, at + 4), from, to)
}

/** The chunks that hold a dataset as a whole, found by their values. */
function chunksOf(bytes: Uint8Array, contents: Seed['contents']): ChecksummedBlock[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return Object.values(contents?.datasets ?? {}).flatMap(({ shape, data }) => {
    const stored = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const from = shape.length === 0 || stored.length === 0 ? -1 : file.indexOf(stored)
    const to = from + stored.length
    if (from < 0 || to + 4 > bytes.length || file.readUInt32LE(to) !== fletcher32(bytes, from, to)) return []
    return [{ from, to, at: to, sum: fletcher32 }]
  })
}
