import { Cursor, u32At } from './cursor.ts'
import { lookup3 } from './lookup3.ts'
import { Damage, NotOurs, ours, type StrictCheck } from './outcome.ts'

/** More blocks than any result needs: 16 datasets of 128 chunks, with their headers and indexes. */
const mostBlocks = 4096
export const checksumBytes = 4

interface Block {
  readonly from: number
  readonly to: number
}

/**
 * The file as blocks, each of which is claimed once: no two may share a byte. What refers to itself, in a circle or over
 * others, is thereby no file of ours, and reading ends after at most as many steps as the file has bytes.
 */
export class FileBlocks {
  readonly bytes: Uint8Array
  readonly #blocks: Block[] = []

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Claims a block; NotOurs when it reaches beyond the file, or when another block has some of its bytes. */
  claim(at: number, length: number, what: string): void {
    const to = at + length
    if (!(length >= 0 && to <= this.bytes.length)) throw new NotOurs(`${what} reaches beyond the file`)
    ours(this.#blocks.length < mostBlocks, `it has more than ${mostBlocks} blocks`)
    for (const block of this.#blocks) {
      if (at < block.to && to > block.from) throw new NotOurs(`${what} shares bytes with another block`)
    }
    this.#blocks.push({ from: at, to })
  }

  /** Every block begins with four letters that say what it is; Damage when these are not there. */
  demandSignature(at: number, { signature, what }: { readonly signature: string; readonly what: string }): void {
    for (let index = 0; index < signature.length; index++) {
      if (this.bytes[at + index] === signature.charCodeAt(index)) continue
      throw new Damage('signature', `${what} should begin at byte ${at} with the letters ${signature}.`)
    }
  }

  /**
   * Claims a block with a signature whose last four bytes are the checksum of all others, and verifies it.
   * @returns a cursor behind the signature, up to the checksum.
   */
  verified(at: number, length: number, { signature, what, check }: VerifiedBlock): Cursor {
    this.claim(at, length, what)
    this.demandSignature(at, { signature, what })
    this.verifyChecksum(at, at + length - checksumBytes, { check, what })
    return new Cursor(this.bytes, at + signature.length, at + length - checksumBytes)
  }

  /** Compares the checksum that stands at `to` with that of bytes [from, to). */
  verifyChecksum(from: number, to: number, { check, what }: { check: StrictCheck; what: string }): void {
    if (u32At(this.bytes, to) === lookup3(this.bytes, from, to)) return
    throw new Damage(check, `The checksum of ${what} (bytes ${from} to ${to}) does not match.`)
  }

  /** What no block claims is free space: no reader of HDF5 looks at it, and in our files it is zero. */
  demandZeroElsewhere(): void {
    const blocks = this.#blocks.toSorted((one, other) => one.from - other.from)
    let at = 0
    for (const { from, to } of [...blocks, { from: this.bytes.length, to: this.bytes.length }]) {
      for (; at < from; at++) {
        if (this.bytes[at] !== 0) throw new NotOurs(`byte ${at} belongs to nothing and is not zero`)
      }
      at = to
    }
  }
}

interface VerifiedBlock {
  readonly signature: string
  readonly what: string
  readonly check: StrictCheck
}
