/** The checksum of HDF5's metadata: Jenkins' lookup3 (hashlittle, initial value 0) over bytes [start, end). */
export function lookup3(bytes: Uint8Array, start: number, end: number): number {
  let length = end - start
  let a = (0xdeadbeef + length) | 0
  let b = a
  let c = a
  let at = start
  while (length > 12) {
    a = (a + word(bytes, at)) | 0
    b = (b + word(bytes, at + 4)) | 0
    c = (c + word(bytes, at + 8)) | 0
    a = (a - c) ^ rotated(c, 4)
    c = (c + b) | 0
    b = (b - a) ^ rotated(a, 6)
    a = (a + c) | 0
    c = (c - b) ^ rotated(b, 8)
    b = (b + a) | 0
    a = (a - c) ^ rotated(c, 16)
    c = (c + b) | 0
    b = (b - a) ^ rotated(a, 19)
    a = (a + c) | 0
    c = (c - b) ^ rotated(b, 4)
    b = (b + a) | 0
    at += 12
    length -= 12
  }
  if (length === 0) return c >>> 0
  a = (a + tail(bytes, at, Math.min(end, at + 4))) | 0
  b = (b + tail(bytes, at + 4, Math.min(end, at + 8))) | 0
  c = (c + tail(bytes, at + 8, end)) | 0
  c = (c ^ b) - rotated(b, 14)
  a = (a ^ c) - rotated(c, 11)
  b = (b ^ a) - rotated(a, 25)
  c = (c ^ b) - rotated(b, 16)
  a = (a ^ c) - rotated(c, 4)
  b = (b ^ a) - rotated(a, 14)
  c = (c ^ b) - rotated(b, 24)
  return c >>> 0
}

/** The checksum of HDF5's Fletcher32 filter: Fletcher's over 16-bit big-endian words. */
export function fletcher32(bytes: Uint8Array): number {
  const words = bytes.length >> 1
  let low = 0
  let high = 0
  for (let word = 0; word < words; ) {
    // More would overflow 32 bits before they are folded.
    const until = Math.min(words, word + 360)
    for (; word < until; word++) {
      low += (bytes[2 * word]! << 8) | bytes[2 * word + 1]!
      high += low
    }
    low = folded(low)
    high = folded(high)
  }
  if (bytes.length % 2 === 1) {
    low = folded(low + (bytes[bytes.length - 1]! << 8))
    high = folded(high + low)
  }
  return ((folded(high) << 16) | folded(low)) >>> 0
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function tail(bytes: Uint8Array, from: number, end: number): number {
  let value = 0
  for (let at = from, shift = 0; at < end; at++, shift += 8) value |= bytes[at]! << shift
  return value
}

function folded(sum: number): number {
  return (sum & 0xffff) + (sum >>> 16)
}
