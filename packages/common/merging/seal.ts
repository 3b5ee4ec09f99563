import { createHash } from 'node:crypto'
import { readFully, writeFully } from '../files/whole-transfers.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import type { Hdf5Writer } from '../hdf5/writer.ts'

/** Dataset of 64 bytes: SHA-256 of the whole file, in hexadecimal, with these 64 bytes taken as the digit 0. */
const sealPath = '/init/seal'

const sealBytes = 64
const zeros = new Uint8Array(sealBytes).fill(0x30)
const slabBytes = 1 << 20

/**
 * Makes room for the seal; `marker`, 64 characters that occur nowhere else in the file, holds its place. HDF5 leaves
 * bytes without a checksum (heaps of variable-length text, contiguous data) and readers skip some that others need:
 * only a digest over all bytes covers them all.
 */
export function reserveSeal(writer: Hdf5Writer, marker: string): void {
  writer.writeDataset(sealPath, { elementType: '|u1', shape: [sealBytes], data: new TextEncoder().encode(marker) })
}

/** Puts the seal into a file that is complete. */
export function sealFile(fd: number, marker: string): void {
  const at = placeOf(fd, marker)
  if (at === undefined) throw new RangeError('the file has no single place for its seal')
  writeFully(fd, Buffer.from(digestWithout(fd, at)), at)
}

/** Why the file's bytes are not those that were sealed; undefined when they are. `alive` is called every slab. */
export function brokenSeal(fd: number, reader: Hdf5Reader, alive: () => void): string | undefined {
  const seal = reader.readText(sealPath, sealBytes)
  const at = placeOf(fd, seal, alive)
  if (at === undefined) return 'its seal is damaged'
  if (digestWithout(fd, at, alive) === seal) return undefined
  return 'bytes of it were changed after it was written'
}

/** Where the text stands in the file, if it stands there exactly once. */
function placeOf(fd: number, text: string, alive = () => {}): number | undefined {
  if (text.length !== sealBytes) return undefined
  let place: number | undefined
  for (const { bytes, offset } of slabs(fd, sealBytes - 1)) {
    alive()
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
      if (place !== undefined && place !== offset + at) return undefined
      place = offset + at
    }
  }
  return place
}

function digestWithout(fd: number, sealAt: number, alive = () => {}): string {
  const hash = createHash('sha256')
  for (const { bytes, offset } of slabs(fd, 0)) {
    alive()
    const from = Math.max(0, sealAt - offset)
    const to = Math.min(bytes.length, sealAt + sealBytes - offset)
    if (from < to) bytes.set(zeros.subarray(0, to - from), from)
    hash.update(bytes)
  }
  return hash.digest('hex')
}

/** The file in slabs, each beginning with the last `overlap` bytes of the one before. */
function* slabs(fd: number, overlap: number): Generator<{ bytes: Buffer; offset: number }> {
  const buffer = Buffer.alloc(slabBytes)
  for (let offset = 0; ; offset += slabBytes - overlap) {
    const count = readFully(fd, buffer, offset)
    if (count > 0) yield { bytes: buffer.subarray(0, count), offset }
    if (count < slabBytes) return
  }
}
