const undefinedAddress = 0xff

/** Bytes being put together, little-endian, in a buffer that grows and is used again. */
export class ByteSink {
  #bytes: Uint8Array
  #view: DataView
  length = 0

  constructor(bytesAtFirst = 1 << 16) {
    this.#bytes = new Uint8Array(bytesAtFirst)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** What was put in so far; good until more is put in. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  u8(value: number): void {
    const at = this.#claim(1)
    this.#bytes[at] = value
  }

  u16(value: number): void {
    const at = this.#claim(2)
    this.#view.setUint16(at, value, true)
  }

  u32(value: number): void {
    const at = this.#claim(4)
    this.#view.setUint32(at, value, true)
  }

  /** An address or a length. */
  u64(value: number): void {
    const at = this.#claim(8)
    this.#view.setUint32(at, value >>> 0, true)
    this.#view.setUint32(at + 4, Math.floor(value / 4294967296), true)
  }

  /** The address of nothing. */
  noAddress(): void {
    const at = this.#claim(8)
    this.#bytes.fill(undefinedAddress, at, at + 8)
  }

  bytes(source: Uint8Array): void {
    const at = this.#claim(source.length)
    this.#bytes.set(source, at)
  }

  zeros(count: number): void {
    const at = this.#claim(count)
    this.#bytes.fill(0, at, at + count)
  }

  /** Puts a value over one that was put in before. */
  setU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true)
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true)
  }

  #claim(count: number): number {
    const at = this.length
    const end = at + count
    if (end > this.#bytes.length) this.#grow(end)
    this.length = end
    return at
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.length))
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
