import { checksummedBlocks, mendChecksums } from './checksummed-blocks.ts'
import type { Seed } from './seeds.ts'

export type Random = () => number

/** What is done to a file. In those with `forged: true` the checksums are mended afterwards: no accident, an attack. */
export const mutationClasses = {
  'bit flips': { forged: false, mutate: flipBits },
  'metadata bytes': { forged: false, mutate: changeMetadataByte },
  'zeroed blocks': { forged: false, mutate: zeroBlock },
  truncations: { forged: false, mutate: truncate },
  'moved bytes': { forged: false, mutate: moveBytes },
  'forged bytes': { forged: true, mutate: changeMetadataByte },
  'giant dimensions': { forged: true, mutate: growDimension },
  'cyclic links': { forged: true, mutate: redirectAddress },
} as const satisfies Record<string, { forged: boolean; mutate: (seed: Seed, random: Random) => Uint8Array }>
export type MutationClass = keyof typeof mutationClasses

const giants = [
  255n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
]
type PlacedNumber = readonly [at: number, value: bigint]
const numbersOf = new WeakMap<Uint8Array, readonly PlacedNumber[]>()
const blocksOf = new WeakMap<Seed, ReturnType<typeof checksummedBlocks>>()

/** One mutant of a seed, the same for the same random numbers; the seed's bytes stay as they are. */
export function mutantOf(seed: Seed, mutation: MutationClass, random: Random): Uint8Array {
  const { forged, mutate } = mutationClasses[mutation]
  const bytes = mutate(seed, random)
  if (!forged) return bytes
  const blocks = blocksOf.get(seed) ?? checksummedBlocks(seed)
  blocksOf.set(seed, blocks)
  mendChecksums(bytes, blocks)
  return bytes
}

function flipBits({ bytes }: Seed, random: Random): Uint8Array {
  const mutant = bytes.slice()
  for (let flips = 1 + below(random() * random() * 8, 8); flips > 0; flips--) {
    mutant[below(random(), bytes.length)]! ^= 1 << below(random(), 8)
  }
  return mutant
}

/** Most of a small file is free space; what says something is rarely far from a byte that is not zero. */
function changeMetadataByte({ bytes }: Seed, random: Random): Uint8Array {
  const mutant = bytes.slice()
  for (;;) {
    const at = below(random(), bytes.length)
    if (bytes.subarray(Math.max(0, at - 3), at + 4).every((byte) => byte === 0)) continue
    mutant[at] = below(random(), 256)
    return mutant
  }
}

function zeroBlock({ bytes }: Seed, random: Random): Uint8Array {
  const from = below(random(), bytes.length)
  return bytes.slice().fill(0, from, from + 1 + below(random() ** 3, 4096))
}

function truncate({ bytes }: Seed, random: Random): Uint8Array {
  return bytes.slice(0, below(random(), bytes.length))
}

/** Bytes lost, doubled, copied elsewhere, or added at the end, as by a broken transfer. */
function moveBytes({ bytes }: Seed, random: Random): Uint8Array {
  const from = below(random(), bytes.length)
  const stretch = bytes.slice(from, from + 1 + below(random() ** 2, 600))
  const at = below(random(), bytes.length)
  const kind = below(random(), 4)
  if (kind === 0) return joined(bytes.subarray(0, from), bytes.subarray(from + stretch.length))
  if (kind === 1) return joined(bytes.subarray(0, at), stretch, bytes.subarray(at))
  if (kind === 2) return joined(bytes, stretch)
  return joined(bytes.subarray(0, at), stretch, bytes.subarray(at + stretch.length)).subarray(0, bytes.length)
}

/** A length somewhere in the metadata becomes enormous. */
function growDimension({ bytes, contents }: Seed, random: Random): Uint8Array {
  const lengths = new Set(Object.values(contents?.datasets ?? {}).flatMap(({ shape }) => shape))
  const wanted = [...lengths, 2, 6, 10, 96, 2 ** 10, 2 ** 28, 2 ** 31].filter((length) => length > 0).map(BigInt)
  return withNumber(bytes, { random, found: (value) => wanted.includes(value), instead: () => pick(giants, random) })
}

/** An address somewhere in the file becomes another that stands in the file, be it its own. */
function redirectAddress({ bytes }: Seed, random: Random): Uint8Array {
  const addresses = numbersIn(bytes).filter(([, value]) => isAddress(value, bytes))
  return withNumber(bytes, {
    random,
    found: (value) => isAddress(value, bytes),
    instead: () => (random() < 0.1 ? BigInt(below(random(), bytes.length)) : pick(addresses, random)[1]),
  })
}

function isAddress(value: bigint, { length }: Uint8Array): boolean {
  return value >= 48n && value < BigInt(length)
}

function withNumber(
  bytes: Uint8Array,
  { random, found, instead }: { random: Random; found: (value: bigint) => boolean; instead: () => bigint },
): Uint8Array {
  const mutant = bytes.slice()
  const places = numbersIn(bytes).filter(([, value]) => found(value))
  new DataView(mutant.buffer).setBigUint64(pick(places, random)[0], instead(), true)
  return mutant
}

/** Every number of 8 bytes, at any place, that is not 0. */
function numbersIn(bytes: Uint8Array): readonly PlacedNumber[] {
  const known = numbersOf.get(bytes)
  if (known !== undefined) return known
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const all = Array.from({ length: bytes.length - 7 }, (_, at): PlacedNumber => [at, view.getBigUint64(at, true)])
  const numbers = all.filter(([, value]) => value !== 0n)
  numbersOf.set(bytes, numbers)
  return numbers
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[below(random(), items.length)]!
}

function below(fraction: number, limit: number): number {
  return Math.floor(fraction * limit)
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
