import { closeSync, openSync, unlinkSync } from 'node:fs'
import { readFully, writeFully } from '../files/whole-transfers.ts'

const bufferBytes = 1 << 20

/**
 * A scratch file for records that are written in one pass and needed in another: what is known of all of them at the end
 * (the widest row) decides how they are stored, and they do not fit in memory.
 */
export class RowSpool {
  readonly #fd: number
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #written = 0

  /** Opens the scratch file at `path` and takes its name away at once: it ends with the process at the latest. */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
  }

  append(record: Uint8Array): void {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, record.length, true)
    this.#pending.push(length, record.slice())
    this.#pendingBytes += length.length + record.length
    if (this.#pendingBytes >= bufferBytes) this.#flush()
  }

  /** Every record, in the order they were appended; a record is only good until the next one is asked for. */
  *records(): Generator<Uint8Array> {
    this.#flush()
    let buffer = new Uint8Array(bufferBytes)
    let filled = 0
    let position = 0
    let start = 0
    const need = (bytes: number) => {
      if (filled - start >= bytes) return
      const larger = new Uint8Array(Math.max(bufferBytes, bytes))
      larger.set(buffer.subarray(start, filled))
      filled -= start
      start = 0
      buffer = larger
      const count = readFully(this.#fd, buffer.subarray(filled), position)
      position += count
      filled += count
      if (filled < bytes) throw new RangeError('the scratch file of the merge is shorter than what was written to it')
    }
    while (position < this.#written || start < filled) {
      need(4)
      const length = new DataView(buffer.buffer).getUint32(start, true)
      start += 4
      need(length)
      yield buffer.subarray(start, start + length)
      start += length
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    writeFully(this.#fd, bytes, this.#written)
    this.#written += bytes.length
  }
}
