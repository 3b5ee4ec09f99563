/** Where an HDF5 file begins and ends, as its first block says. */
export interface Superblock {
  /** 0 (h5py's default; nothing is checksummed), 2 or 3 (checksummed metadata). */
  readonly version: number
  /** The offset of the signature: 0, or 512 and doublings of it behind a user block. */
  readonly offset: number
  /** The size the file must at least have. */
  readonly endOfFile: number
}

export const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)
const longestSuperblock = 64

/**
 * Finds and reads the superblock (HDF5 file format specification 3.0, section II.A) without libhdf5.
 * @param readAt reads up to `length` bytes at `offset`.
 * @returns 'no-signature' when there is none, 'unknown' when its version or address size is none that exists.
 */
export function readSuperblock(
  readAt: (offset: number, length: number) => Uint8Array,
  size: number,
): Superblock | 'no-signature' | 'unknown' {
  for (let offset = 0; offset + signature.length <= size; offset = offset === 0 ? 512 : offset * 2) {
    const bytes = readAt(offset, longestSuperblock)
    if (signature.every((byte, index) => bytes[index] === byte)) return parse(bytes, offset)
  }
  return 'no-signature'
}

function parse(bytes: Uint8Array, offset: number): Superblock | 'unknown' {
  const version = bytes[8] ?? 255
  const addressBytes = bytes[version < 2 ? 13 : 9]
  const addressesAt = [24, 28, 12, 12][version]
  if (addressesAt === undefined || addressBytes !== 8 || bytes.length < addressesAt + 24) return 'unknown'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Both layouts: base address, one more address, end of file (with a user block counted from the file's start).
  const endOfFile = Number(view.getBigUint64(addressesAt + 16, true))
  return { version, offset, endOfFile }
}
