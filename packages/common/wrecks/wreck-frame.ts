import { readSuperblock } from '../hdf5/superblock.ts'
import type { FileFault } from './wreck.ts'

/** Signatures of HDF5's own structures: they tell a file whose superblock is gone from one that never was HDF5. */
const structures = ['TREE', 'HEAP', 'SNOD', 'OHDR', 'FRHP', 'BTHD', 'GCOL']
const searchedBytes = 64 * 1024
const neverWritten = 2 ** 53
const longestSuperblock = 96

export interface Frame {
  readonly superblockVersion: number | undefined
  readonly fault: FileFault | undefined
}

/** What the first and last byte of a file say, before libhdf5 sees it. `readAt` reads up to `length` bytes. */
export function frameOf(readAt: (offset: number, length: number) => Uint8Array, size: number): Frame {
  const fault = (cause: FileFault['cause'], detail: string) => ({
    superblockVersion: undefined,
    fault: { cause, detail },
  })
  if (size === 0) return fault('empty', 'The file has 0 bytes.')
  const superblock = readSuperblock(readAt, size)
  if (superblock === 'no-signature') return signatureless(readAt(0, Math.min(size, searchedBytes)), fault)
  if (superblock === 'unknown' && size < longestSuperblock) return fault('truncated', `The file has ${size} bytes.`)
  if (superblock === 'unknown') return fault('unreadable', 'The superblock is of no version that exists.')
  const { version, endOfFile } = superblock
  if (endOfFile > neverWritten) {
    return {
      superblockVersion: version,
      fault: { cause: 'never_closed', detail: 'Its superblock has no end of file.' },
    }
  }
  if (endOfFile > size) {
    const detail = `The file has ${size} bytes; its superblock says ${endOfFile}.`
    return { superblockVersion: version, fault: { cause: 'truncated', detail } }
  }
  return { superblockVersion: version, fault: undefined }
}

function signatureless(start: Uint8Array, fault: (cause: FileFault['cause'], detail: string) => Frame): Frame {
  const found = structures.filter((name) => Buffer.from(start.buffer, start.byteOffset, start.length).includes(name))
  if (start.subarray(0, 8).every((byte) => byte === 0) && found.length > 0) {
    return fault('superblock_zeroed', `Zeros stand where the signature was; ${found.join(', ')} follow.`)
  }
  return fault('not_hdf5', 'The file does not have the signature of HDF5.')
}
