/** The file has something that this reader does not know, or that is not as h5py writes it: libhdf5 has to say. */
export class NotOldFormat extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'NotOldFormat'
  }
}

/** Ends the reading unless the condition holds. */
export function insist(condition: boolean, what: string): asserts condition {
  if (!condition) throw new NotOldFormat(what)
}

/** An address that leads nowhere. */
export const undefinedAddress = Number.MAX_SAFE_INTEGER + 1

/** Reads little-endian fields one after the other, and never beyond its end. */
export class Cursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  at: number

  /** Fields of `bytes` from `at` to before `end`. */
  constructor(bytes: Uint8Array, at: number, end: number) {
    insist(Number.isSafeInteger(at) && at >= 0 && at <= end && end <= bytes.length, 'an address outside of the file')
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = end
    this.at = at
  }

  get left(): number {
    return this.#end - this.at
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true)
  }

  /** A length or an address; `undefinedAddress` for 64 bits of 1. */
  u64(): number {
    const at = this.#step(8)
    const [low, high] = [this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true)]
    if (low === 0xffffffff && high === 0xffffffff) return undefinedAddress
    insist(high < 0x200000, 'a number beyond 2^53')
    return high * 2 ** 32 + low
  }

  bytes(length: number): Uint8Array {
    const at = this.#step(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** Bytes that must be these. */
  exactly(...expected: readonly number[]): void {
    for (const byte of expected) insist(this.u8() === byte, 'a byte that is always another')
  }

  signature(text: string): void {
    for (let place = 0; place < text.length; place++) insist(this.u8() === text.charCodeAt(place), `no ${text}`)
  }

  #step(length: number): number {
    const { at } = this
    insist(length >= 0 && length <= this.#end - at, 'a field beyond the end')
    this.at = at + length
    return at
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Text up to its first NUL, or to the end of the bytes. */
export function textIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  try {
    return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
  } catch (error) {
    if (error instanceof TypeError) throw new NotOldFormat('text that is not UTF-8')
    throw error
  }
}
