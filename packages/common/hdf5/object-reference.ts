/** The address in an object reference as h5wasm gives it: 8 bytes, little-endian. */
export function addressIn(reference: Iterable<number>): number {
  return Number(new DataView(Uint8Array.from(reference).buffer).getBigUint64(0, true))
}
