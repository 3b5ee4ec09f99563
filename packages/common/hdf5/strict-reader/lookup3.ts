/**
 * Bob Jenkins' lookup3 (`hashlittle`, initial value 0) of bytes [from, to): the checksum of all metadata of HDF5
 * (format specification 3.0: "checksum" of the superblock, object headers, B-trees, heaps and chunk indexes).
 */
export function lookup3(bytes: Uint8Array, from: number, to: number): number {
  let a = (0xdeadbeef + (to - from)) | 0
  let b = a
  let c = a
  let at = from
  for (; to - at > 12; at += 12) {
    a = (a + word(bytes, at)) | 0
    b = (b + word(bytes, at + 4)) | 0
    c = (c + word(bytes, at + 8)) | 0
    a = (a - c) ^ ((c << 4) | (c >>> 28))
    c = (c + b) | 0
    b = (b - a) ^ ((a << 6) | (a >>> 26))
    a = (a + c) | 0
    c = (c - b) ^ ((b << 8) | (b >>> 24))
    b = (b + a) | 0
    a = (a - c) ^ ((c << 16) | (c >>> 16))
    c = (c + b) | 0
    b = (b - a) ^ ((a << 19) | (a >>> 13))
    a = (a + c) | 0
    c = (c - b) ^ ((b << 4) | (b >>> 28))
    b = (b + a) | 0
  }
  if (at === to) return c >>> 0
  a = (a + tail(bytes, at, to)) | 0
  b = (b + tail(bytes, at + 4, to)) | 0
  c = (c + tail(bytes, at + 8, to)) | 0
  c = (c ^ b) - ((b << 14) | (b >>> 18))
  a = (a ^ c) - ((c << 11) | (c >>> 21))
  b = (b ^ a) - ((a << 25) | (a >>> 7))
  c = (c ^ b) - ((b << 16) | (b >>> 16))
  a = (a ^ c) - ((c << 4) | (c >>> 28))
  b = (b ^ a) - ((a << 14) | (a >>> 18))
  c = (c ^ b) - ((b << 24) | (b >>> 8))
  return c >>> 0
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** The word at `at` as far as it lies before `to`, zeros after. */
function tail(bytes: Uint8Array, at: number, to: number): number {
  let value = 0
  for (let index = at; index < to && index < at + 4; index++) value |= bytes[index]! << (8 * (index - at))
  return value
}
