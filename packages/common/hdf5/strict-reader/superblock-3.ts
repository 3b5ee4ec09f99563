import { Cursor } from './cursor.ts'
import type { FileBlocks } from './file-blocks.ts'
import { ours } from './outcome.ts'

const superblockBytes = 48

/**
 * The superblock of version 3 (format specification 3.0, II.A): addresses of 8 bytes, no user block, no extension, closed
 * by its writer, as long as the file.
 * @returns the address of the root group's object header.
 */
export function readSuperblock3(file: FileBlocks): number {
  const { bytes } = file
  ours(bytes.length >= superblockBytes && bytes[8] === 3, 'its superblock is not of version 3')
  file.claim(0, superblockBytes, 'the superblock')
  file.verifyChecksum(0, superblockBytes - 4, { check: 'superblock checksum', what: 'the superblock' })
  const cursor = new Cursor(bytes, 0, superblockBytes - 4)
  cursor.expect([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 3, 8, 8, 0], 'it begins as no file of ours')
  const base = cursor.address()
  const extension = cursor.address()
  ours(base === 0 && extension === undefined, 'it has a user block or a superblock extension')
  ours(cursor.u64() === bytes.length, 'it is longer than its superblock says')
  const root = cursor.address()
  ours(root !== undefined, 'it has no root group')
  return root
}
