import { splitMix64 } from './splitmix64.ts'

/** Random integers that repeat to the bit from their seed, on every machine. */
export interface SeededGenerator {
  /** A uniform integer of 0 to 2^32 - 1. */
  readonly nextUint32: () => number
  /** A uniform integer of 0 to `count` - 1, without bias. Throws RangeError unless `count` is a whole number of 1 to 2^32. */
  readonly nextBelow: (count: number) => number
}

/** A generator for a seed, a whole number of 0 to 2^53 - 1 (RangeError otherwise): xoshiro128** 1.1, filled by SplitMix64. */
export function seededGenerator(seed: number): SeededGenerator {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed must be a whole number of 0 to 2^53 - 1, not ${seed}`)
  }
  const fill = splitMix64(BigInt(seed))
  const [first, second] = [fill(), fill()]
  return generatorFrom([low(first), high(first), low(second), high(second)])
}

/**
 * xoshiro128** 1.1 by Blackman and Vigna (public domain, https://prng.di.unimi.it/xoshiro128starstar.c; "Scrambled linear
 * pseudorandom number generators", ACM TOMS 47, 2021) from a state of four 32-bit words that are not all 0.
 */
export function generatorFrom(words: readonly [number, number, number, number]): SeededGenerator {
  let [a, b, c, d] = words
  const nextUint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return result
  }
  return { nextUint32, nextBelow: (count) => uniformBelow(nextUint32, count) }
}

const uint32s = 4_294_967_296

function uniformBelow(nextUint32: () => number, count: number): number {
  if (!Number.isSafeInteger(count) || count < 1 || count > uint32s) {
    throw new RangeError(`cannot choose among ${count} things`)
  }
  // Numbers beyond the last whole multiple would favour the first of them.
  const limit = uint32s - (uint32s % count)
  let drawn = nextUint32()
  while (drawn >= limit) drawn = nextUint32()
  return drawn % count
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

function low(word: bigint): number {
  return Number(word & 0xffff_ffffn)
}

function high(word: bigint): number {
  return Number(word >> 32n)
}
