const mask = 0xffff_ffff_ffff_ffffn

/**
 * Vigna's SplitMix64 (public domain, https://prng.di.unimi.it/splitmix64.c): a stream of 64-bit integers from a 64-bit seed, used
 * to fill the state of other generators.
 */
export function splitMix64(seed: bigint): () => bigint {
  let state = seed & mask
  return () => {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & mask
    let mixed = state
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & mask
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & mask
    return mixed ^ (mixed >> 31n)
  }
}
