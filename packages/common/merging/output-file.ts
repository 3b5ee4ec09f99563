import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readSync, renameSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isNodeError } from './disk-failure.ts'

/** A file that takes its place in one step: until then it has another name beside it. */
export class OutputFile {
  readonly path: string
  readonly temporaryPath: string
  /** Open for reading and writing. */
  readonly fd: number
  #open = true
  #published = false

  constructor(path: string) {
    this.path = path
    this.temporaryPath = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.partial`)
    this.fd = openSync(this.temporaryPath, 'wx+', 0o644)
  }

  /**
   * Makes the bytes last, then gives the file its name, or another one in the same folder; one that had the name before is
   * replaced as a whole.
   */
  publish(path = this.path): void {
    fsyncSync(this.fd)
    this.#close()
    renameSync(this.temporaryPath, path)
    this.#published = true
    syncDirectory(dirname(path))
  }

  /** Closes the file, and takes it away unless it was published. */
  release(): void {
    this.#close()
    if (this.#published) return
    try {
      unlinkSync(this.temporaryPath)
    } catch (error) {
      if (!isNodeError(error, 'ENOENT')) throw error
    }
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.fd)
  }
}

/** SHA-256 and size of everything behind a descriptor, read from its beginning. */
export function fileDigest(fd: number): { sha256: string; bytes: number } {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(1 << 20)
  let bytes = 0
  for (;;) {
    const count = readSync(fd, buffer, 0, buffer.length, bytes)
    if (count === 0) return { sha256: hash.digest('hex'), bytes }
    hash.update(buffer.subarray(0, count))
    bytes += count
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
