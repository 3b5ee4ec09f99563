import type { MergedFacts } from './merged-file.ts'

const digestBytes = 32
const [presentFlag, salvagedFlag] = [1, 2]

/**
 * What the index says of merged configurations, by their position in the account: about 90 bytes each, where a map of
 * objects takes ten times as much.
 */
export class FactsTable {
  #flags = new Uint8Array(0)
  #contentSha256 = Buffer.alloc(0)
  #configurationDigest = Buffer.alloc(0)
  #nTurbines = new Float64Array(0)
  #aepGwh = new Float64Array(0)
  readonly #otherDigests = new Map<number, string>()

  /** `expected`: how many there will be, as far as that is known. */
  constructor(expected = 0) {
    this.#grow(expected)
  }

  set(position: number, facts: MergedFacts): void {
    if (position >= this.#flags.length) this.#grow(Math.max(64, position + 1, 2 * this.#flags.length))
    this.#flags[position] = presentFlag | (facts.salvaged ? salvagedFlag : 0)
    this.#contentSha256.write(facts.contentSha256, position * digestBytes, 'hex')
    // Programs of users may put any text there.
    if (!/^[0-9a-f]{64}$/.test(facts.configurationDigest)) this.#otherDigests.set(position, facts.configurationDigest)
    else this.#configurationDigest.write(facts.configurationDigest, position * digestBytes, 'hex')
    this.#nTurbines[position] = facts.nTurbines
    this.#aepGwh[position] = facts.aepGwh
  }

  at(position: number): MergedFacts | undefined {
    if (!this.#flags[position]) return undefined
    return {
      contentSha256: this.contentSha256At(position),
      configurationDigest: this.#otherDigests.get(position) ?? hexadecimal(this.#configurationDigest, position),
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
    return hexadecimal(this.#contentSha256, position)
  }

  #grow(length: number): void {
    const digests = (old: Buffer) => Buffer.concat([old], length * digestBytes)
    this.#flags = grown(new Uint8Array(length), this.#flags)
    this.#contentSha256 = digests(this.#contentSha256)
    this.#configurationDigest = digests(this.#configurationDigest)
    this.#nTurbines = grown(new Float64Array(length), this.#nTurbines)
    this.#aepGwh = grown(new Float64Array(length), this.#aepGwh)
  }
}

function grown<Values extends Uint8Array | Float64Array>(larger: Values, old: Values): Values {
  larger.set(old)
  return larger
}

function hexadecimal(digests: Buffer, position: number): string {
  return digests.toString('hex', position * digestBytes, (position + 1) * digestBytes)
}
