/**
 * True when the end of a file looks like noise: each of the 256 byte values equally often. HDF5 never does: its structures
 * are full of zeros, and the exponents of coordinates repeat; compressed layouts came to 2000 and more on this scale, noise
 * to 255 +- 23 (chi squared, 255 degrees of freedom). Compressed data of another kind may look alike, so it tells only why
 * a file that is damaged is damaged.
 */
export function endsInNoise(tail: Uint8Array): boolean {
  if (tail.length < leastBytes) return false
  const counts = new Uint32Array(256)
  for (const byte of tail) counts[byte]!++
  const expected = tail.length / 256
  const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  return chiSquared < largestChiSquared
}

/** Fewer say nothing: an expected count of at least four a value. */
const leastBytes = 1024
const largestChiSquared = 450
