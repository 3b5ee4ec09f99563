import { readSync, writeSync } from 'node:fs'

/**
 * Reads the bytes from `position` on until `target` is full or the file ends, and tells how many there were: the system may
 * give less than there is (a signal, a network file system), and only nothing is the end.
 */
export function readFully(fd: number, target: Int8Array | Uint8Array, position: number): number {
  let done = 0
  while (done < target.length) {
    const count = readSync(fd, target, done, target.length - done, position + done)
    if (count === 0) break
    done += count
  }
  return done
}

/** The bytes [position, position + length) of a file, or those of them that it has. */
export function readBytes(fd: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readFully(fd, bytes, position))
}

/** Writes all the bytes: at `position`, or where the file was written to last without one. The system may take fewer at once. */
export function writeFully(fd: number, bytes: Int8Array | Uint8Array, position?: number): void {
  let done = 0
  while (done < bytes.length) {
    const at = position === undefined ? null : position + done
    done += writeSync(fd, bytes, done, bytes.length - done, at)
  }
}
