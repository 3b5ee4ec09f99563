import { DigestColumn, isDigest } from './digest-column.ts'
import type { MergedFacts } from './merged-file.ts'

const [presentFlag, salvagedFlag] = [1, 2]

/**
 * What the index says of merged configurations, by their position in the account: about 90 bytes each, where a map of
 * objects takes ten times as much.
 */
export class FactsTable {
  #flags = new Uint8Array(0)
  #nTurbines = new Float64Array(0)
  #aepGwh = new Float64Array(0)
  readonly #contentSha256: DigestColumn
  readonly #configurationDigest: DigestColumn
  /** Programs of users may put any text there. */
  readonly #otherDigests = new Map<number, string>()

  /** `expected`: how many there will be, as far as that is known. */
  constructor(expected = 0) {
    this.#contentSha256 = new DigestColumn(expected)
    this.#configurationDigest = new DigestColumn(expected)
    this.#grow(expected)
  }

  set(position: number, facts: MergedFacts): void {
    if (position >= this.#flags.length) this.#grow(Math.max(64, position + 1, 2 * this.#flags.length))
    this.#flags[position] = presentFlag | (facts.salvaged ? salvagedFlag : 0)
    this.#contentSha256.set(position, facts.contentSha256)
    if (isDigest(facts.configurationDigest)) this.#configurationDigest.set(position, facts.configurationDigest)
    else this.#otherDigests.set(position, facts.configurationDigest)
    this.#nTurbines[position] = facts.nTurbines
    this.#aepGwh[position] = facts.aepGwh
  }

  at(position: number): MergedFacts | undefined {
    if (!this.#flags[position]) return undefined
    return {
      contentSha256: this.#contentSha256.at(position),
      configurationDigest: this.#otherDigests.get(position) ?? this.#configurationDigest.at(position),
      nTurbines: this.#nTurbines[position]!,
      aepGwh: this.#aepGwh[position]!,
      salvaged: this.isSalvagedAt(position),
    }
  }

  isSalvagedAt(position: number): boolean {
    return ((this.#flags[position] ?? 0) & salvagedFlag) !== 0
  }

  /** The content digest of a merged configuration. */
  contentSha256At(position: number): string {
    if (!this.#flags[position]) throw new TypeError(`no content digest of configuration ${position}`)
    return this.#contentSha256.at(position)
  }

  #grow(length: number): void {
    this.#flags = grown(new Uint8Array(length), this.#flags)
    this.#nTurbines = grown(new Float64Array(length), this.#nTurbines)
    this.#aepGwh = grown(new Float64Array(length), this.#aepGwh)
  }
}

function grown<Values extends Uint8Array | Float64Array>(larger: Values, old: Values): Values {
  larger.set(old)
  return larger
}
