const digestBytes = 32

/** SHA-256 digests by position, 32 bytes each instead of a text of 64 characters. */
export class DigestColumn {
  #bytes = Buffer.alloc(0)

  /** `expected`: how many there will be, as far as that is known. */
  constructor(expected = 0) {
    this.#bytes = Buffer.alloc(expected * digestBytes)
  }

  set(position: number, hexadecimal: string): void {
    const end = (position + 1) * digestBytes
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(end, 2 * this.#bytes.length))
    this.#bytes.write(hexadecimal, position * digestBytes, 'hex')
  }

  /** In lower-case hexadecimal; zeros where none was set. */
  at(position: number): string {
    return this.#bytes.toString('hex', position * digestBytes, (position + 1) * digestBytes)
  }
}

/** Whether a text is a digest that the column gives back as it is. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}
