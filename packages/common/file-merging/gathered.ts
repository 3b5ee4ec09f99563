import { FactsTable } from '../merging/facts-table.ts'
import type { MergedFacts } from '../merging/merged-file.ts'
import type { SpooledPlace } from './group-spool.ts'
import { NumberColumns } from './number-columns.ts'
import type { BadConfiguration, FoundConfiguration } from './read-file.ts'

/** Files that hold a configuration more than once, first to last. */
export interface SeveralFiles {
  readonly key: string
  readonly files: readonly string[]
}

export interface NotCarriedPart {
  readonly key: string
  readonly file: string
  readonly place: string
  readonly why: string
}

/** `bad`: only in copies that are damaged; `conflict`: in several that differ, so that none can be trusted. */
type Standing = 'good' | 'bad' | 'conflict'

/**
 * Everything that was found in a folder, by key: of each configuration the one copy that is merged. It holds about 250 bytes
 * a configuration, and more of what is not as it should be.
 */
export class Gathered {
  readonly #slots = new Map<string, number>()
  readonly #keys: string[] = []
  readonly #standings: Standing[] = []
  readonly #facts = new FactsTable()
  readonly #offsets: number[] = []
  readonly #lengths: number[] = []
  readonly #files: string[] = []
  readonly #evaluated: boolean[] = []
  readonly numbers = new NumberColumns()
  readonly #duplicates = new Map<string, string[]>()
  readonly #conflicts = new Map<string, string[]>()
  readonly #notCarried = new Map<string, readonly NotCarriedPart[]>()

  /** Takes in a good configuration: the first copy counts, an equal one is a duplicate, another one a conflict. */
  add(found: FoundConfiguration, file: string): void {
    const { key } = found
    const slot = this.#slotFor(key)
    const standing = this.#standings[slot]
    if (standing === 'conflict') {
      this.#conflicts.get(key)!.push(file)
    } else if (standing === 'good' && this.#facts.contentSha256At(slot) !== found.facts.contentSha256) {
      this.#standings[slot] = 'conflict'
      this.#conflicts.set(key, [...(this.#duplicates.get(key) ?? [this.#files[slot]!]), file])
      this.#duplicates.delete(key)
      this.#notCarried.delete(key)
    } else if (standing === 'good') {
      const files = this.#duplicates.get(key)
      if (files) files.push(file)
      else this.#duplicates.set(key, [this.#files[slot]!, file])
    } else this.#put(slot, found, file)
  }

  /** Takes note of a configuration that is damaged, in case there is no good copy of it. */
  addBad({ key, numbers = {} }: BadConfiguration): void {
    const slot = this.#slotFor(key)
    if (this.#standings[slot] === 'bad') this.numbers.set(slot, numbers)
  }

  get length(): number {
    return this.#keys.length
  }

  get good(): number {
    return this.#standings.filter((standing) => standing === 'good').length
  }

  slotOf(key: string): number | undefined {
    return this.#slots.get(key)
  }

  keyAt(slot: number): string {
    return this.#keys[slot]!
  }

  standingAt(slot: number): Standing {
    return this.#standings[slot]!
  }

  /** Of a good one. */
  factsAt(slot: number): MergedFacts {
    return this.#facts.at(slot)!
  }

  placeAt(slot: number): SpooledPlace {
    return { offset: this.#offsets[slot]!, bytes: this.#lengths[slot]! }
  }

  /** The file that a good one is taken from. */
  fileAt(slot: number): string {
    return this.#files[slot]!
  }

  isEvaluatedAt(slot: number): boolean {
    return this.#evaluated[slot] ?? false
  }

  get duplicates(): SeveralFiles[] {
    return severalFiles(this.#duplicates)
  }

  get conflicts(): SeveralFiles[] {
    return severalFiles(this.#conflicts)
  }

  get notCarried(): NotCarriedPart[] {
    return [...this.#notCarried].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, parts]) => parts)
  }

  #slotFor(key: string): number {
    const known = this.#slots.get(key)
    if (known !== undefined) return known
    const slot = this.#keys.length
    this.#slots.set(key, slot)
    this.#keys.push(key)
    this.#standings.push('bad')
    return slot
  }

  #put(slot: number, found: FoundConfiguration, file: string): void {
    this.#standings[slot] = 'good'
    this.#facts.set(slot, found.facts)
    this.#offsets[slot] = found.place.offset
    this.#lengths[slot] = found.place.bytes
    this.#files[slot] = file
    this.#evaluated[slot] = found.isEvaluated
    this.numbers.set(slot, found.numbers)
    if (found.notCarried.length === 0) return
    this.#notCarried.set(
      found.key,
      found.notCarried.map((part) => ({ key: found.key, file, ...part })),
    )
  }
}

function severalFiles(byKey: ReadonlyMap<string, readonly string[]>): SeveralFiles[] {
  return [...byKey].map(([key, files]) => ({ key, files })).sort((one, other) => (one.key < other.key ? -1 : 1))
}
