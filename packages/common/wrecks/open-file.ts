import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { readBytes } from '../files/whole-transfers.ts'
import type { ReaderSource } from '../hdf5/reader.ts'

/** A file of whatever origin, opened for reading and for nothing else. */
export interface OpenedFile {
  readonly size: number
  readonly source: ReaderSource
  readAt(offset: number, length: number): Uint8Array
  /** SHA-256 of its bytes. */
  sha256(): string
  /** True when it was written to since it was opened. */
  changed(): boolean
  close(): void
}

/** Up to here a file is held in memory; a larger one is read piece by piece. */
const largestInMemory = 16 * 2 ** 20
const hashedAtOnce = 2 ** 20

/** Neither waits for the other end of a pipe nor follows a link. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/** Opens a regular file. Throws the operating system's error, or one that says what it is instead. */
export function openFile(path: string): OpenedFile {
  const fd = openSync(path, flags)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Error('it is no regular file')
    const read = (offset: number, length: number) => readBytes(fd, offset, length)
    const bytes = stat.size <= largestInMemory ? read(0, stat.size) : undefined
    const readAt = bytes ? (offset: number, length: number) => bytes.subarray(offset, offset + length) : read
    return {
      size: stat.size,
      source: bytes ? { kind: 'memory', bytes } : { kind: 'descriptor', fd, size: stat.size },
      readAt,
      sha256: () => hashOf(readAt, stat.size),
      changed: () => (bytes !== undefined && bytes.length !== stat.size) || differs(stat, fstatSync(fd)),
      close: () => closeSync(fd),
    }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function hashOf(readAt: OpenedFile['readAt'], size: number): string {
  const hash = createHash('sha256')
  for (let offset = 0; offset < size; offset += hashedAtOnce)
    hash.update(readAt(offset, Math.min(hashedAtOnce, size - offset)))
  return hash.digest('hex')
}

function differs(before: Stats, now: Stats): boolean {
  return before.size !== now.size || before.mtimeMs !== now.mtimeMs
}
