/** As many 16-bit words as can be summed before a sum of sums could outgrow 32 bits. */
const wordsAtATime = 360

/**
 * The Fletcher32 checksum of bytes [from, to) as HDF5's filter computes it: over 16-bit words taken big-endian, sums
 * modulo 65535, beginning with 0 (format specification 3.0, IV.A.2.l "Filter Pipeline": filter 3). It cannot tell a word
 * 0x0000 from 0xFFFF; the digest over the contents can.
 */
export function fletcher32(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  let sumOfSums = 0
  let at = from
  const even = to - ((to - from) % 2)
  while (at < even) {
    const end = Math.min(even, at + 2 * wordsAtATime)
    for (; at < end; at += 2) {
      sum += (bytes[at]! << 8) | bytes[at + 1]!
      sumOfSums += sum
    }
    sum = (sum & 0xffff) + (sum >>> 16)
    sumOfSums = (sumOfSums & 0xffff) + (sumOfSums >>> 16)
  }
  if (even < to) {
    sum += bytes[even]! << 8
    sumOfSums += sum
    sum = (sum & 0xffff) + (sum >>> 16)
    sumOfSums = (sumOfSums & 0xffff) + (sumOfSums >>> 16)
  }
  sum = (sum & 0xffff) + (sum >>> 16)
  sumOfSums = (sumOfSums & 0xffff) + (sumOfSums >>> 16)
  return ((sumOfSums << 16) | sum) >>> 0
}
