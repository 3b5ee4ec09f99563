import { NotOurs, ours } from './outcome.ts'

const twoTo32 = 2 ** 32
/** HDF5's "undefined address": nothing is stored. */
const allOnes = 0xffffffff

/** Reads little-endian fields of a verified stretch [at, end) of the file; NotOurs where a field would lie beyond it. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get remaining(): number {
    return this.end - this.at
  }

  u8(): number {
    return this.bytes[this.#advance(1)]!
  }

  u16(): number {
    const at = this.#advance(2)
    return this.bytes[at]! | (this.bytes[at + 1]! << 8)
  }

  u32(): number {
    return u32At(this.bytes, this.#advance(4))
  }

  /** An unsigned number of up to 8 bytes that a double holds exactly. */
  unsigned(length: number): number {
    const at = this.#advance(length)
    let value = 0
    for (let index = length - 1; index >= 0; index--) value = value * 256 + this.bytes[at + index]!
    ours(value <= Number.MAX_SAFE_INTEGER, 'a length or an address is beyond 2^53')
    return value
  }

  u64(): number {
    const at = this.#advance(8)
    const high = u32At(this.bytes, at + 4)
    ours(high < 0x200000, 'a length or an address is beyond 2^53')
    return high * twoTo32 + u32At(this.bytes, at)
  }

  /** An address of 8 bytes; undefined where nothing is stored. */
  address(): number | undefined {
    if (this.remaining >= 8 && u32At(this.bytes, this.at) === allOnes && u32At(this.bytes, this.at + 4) === allOnes) {
      this.at += 8
      return undefined
    }
    return this.u64()
  }

  /** A cursor over the next `length` bytes, which this one passes over. */
  part(length: number): Cursor {
    const at = this.#advance(length)
    return new Cursor(this.bytes, at, at + length)
  }

  /** The next bytes must be these. */
  expect(expected: readonly number[], what: string): void {
    const at = this.#advance(expected.length)
    for (let index = 0; index < expected.length; index++) {
      if (this.bytes[at + index] !== expected[index]) throw new NotOurs(what)
    }
  }

  /** The next `length` bytes as ASCII text without NUL. */
  ascii(length: number, what: string): string {
    const at = this.#advance(length)
    for (let index = at; index < at + length; index++) {
      const code = this.bytes[index]!
      if (code === 0 || code >= 0x80) throw new NotOurs(`${what} is not ASCII text`)
    }
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, length).toString('latin1')
  }

  /** The next `length` bytes as a name: ASCII that can be printed. */
  name(length: number, what: string): string {
    const name = this.ascii(length, what)
    ours(/^[ -~]+$/.test(name), `${what} cannot be printed`)
    return name
  }

  /** Everything up to the end must be zero. */
  zeros(what: string): void {
    for (; this.at < this.end; this.at++) {
      if (this.bytes[this.at] !== 0) throw new NotOurs(`${what} is not zero`)
    }
  }

  /** Nothing may be left. */
  finish(what: string): void {
    ours(this.at === this.end, `${what} has ${this.remaining} bytes more than expected`)
  }

  #advance(length: number): number {
    const { at } = this
    if (length > this.end - at) throw new NotOurs('a field reaches beyond its block')
    this.at = at + length
    return at
  }
}

/** An unsigned number of 4 bytes. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
