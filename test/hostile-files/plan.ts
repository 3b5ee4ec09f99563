import { seeded } from '../fixtures/merge-inputs.ts'
import { type MutationClass, mutantOf, mutationClasses, type Random } from './mutations.ts'
import { type Family, families, type Seed } from './seeds.ts'

/** The rows of the detection table. */
export const hostileClasses = [...keysOf(mutationClasses), 'links to host files'] as const
export type HostileClass = MutationClass | 'links to host files'

export interface Mutant {
  readonly index: number
  readonly family: Family
  readonly hostileClass: HostileClass
  readonly seed: Seed
  readonly bytes: Uint8Array
  /** Its checksums were mended: an attack, not an accident. */
  readonly forged: boolean
}

/** What hostile seeds are hostile by. */
const seedsOfClass: Partial<Record<HostileClass, RegExp>> = {
  'links to host files': /^hostile-(external|virtual)/,
  'cyclic links': /^hostile-.*cycle$|^good/,
  'giant dimensions': /^hostile-(giant|giant_chunk|compressed|texts)$|^good/,
}
const mutationsOfLinks = ['bit flips', 'metadata bytes', 'forged bytes', 'cyclic links'] as const

/** Mutant number `index` of these seeds: the same number, the same bytes. */
export function mutantAt(index: number, seeds: readonly Seed[]): Mutant {
  const random = seeded(0x5eed + index)
  const rows = rowsOf(seeds)
  const { family, hostileClass } = rows[index % rows.length]!
  const seed = pick(seedsFor(seeds, family, hostileClass), random)
  const mutation = hostileClass === 'links to host files' ? pick(mutationsOfLinks, random) : hostileClass
  const untouched = hostileClass === 'links to host files' && random() < 0.2
  const bytes = untouched ? seed.bytes.slice() : mutantOf(seed, mutation, random)
  return { index, family, hostileClass, seed, bytes, forged: mutationClasses[mutation].forged }
}

/** One row after the other in turn, those of Windrow's own files twice. */
function rowsOf(seeds: readonly Seed[]): { family: Family; hostileClass: HostileClass }[] {
  const present = families.filter((family) => seeds.some((seed) => seed.family === family))
  const twice: Family[] = ['Windrow']
  return [...twice, ...present].flatMap((family) =>
    hostileClasses
      .filter((hostileClass) => seedsFor(seeds, family, hostileClass).length > 0)
      .map((hostileClass) => ({ family, hostileClass })),
  )
}

function seedsFor(seeds: readonly Seed[], family: Family, hostileClass: HostileClass): Seed[] {
  const ofFamily = seeds.filter((seed) => seed.family === family)
  if (family === 'Windrow') return hostileClass === 'links to host files' ? [] : ofFamily
  const wanted = seedsOfClass[hostileClass] ?? /^good/
  return ofFamily.filter(({ name }) => wanted.test(name))
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)]!
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[]
}
