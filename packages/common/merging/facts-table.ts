import type { MergedFacts } from './merged-file.ts'

const digestBytes = 32

/**
 * What the index says of merged configurations, by their position in the account: 80 bytes each, where a map of objects
 * takes ten times as much.
 */
export class FactsTable {
  readonly #present: Uint8Array
  readonly #contentSha256: Buffer
  readonly #configurationDigest: Buffer
  readonly #otherDigests = new Map<number, string>()
  readonly #nTurbines: Float64Array
  readonly #aepGwh: Float64Array

  constructor(length: number) {
    this.#present = new Uint8Array(length)
    this.#contentSha256 = Buffer.alloc(length * digestBytes)
    this.#configurationDigest = Buffer.alloc(length * digestBytes)
    this.#nTurbines = new Float64Array(length)
    this.#aepGwh = new Float64Array(length)
  }

  set(position: number, facts: MergedFacts): void {
    this.#present[position] = 1
    this.#contentSha256.write(facts.contentSha256, position * digestBytes, 'hex')
    // Programs of users may put any text there.
    if (!/^[0-9a-f]{64}$/.test(facts.configurationDigest)) this.#otherDigests.set(position, facts.configurationDigest)
    else this.#configurationDigest.write(facts.configurationDigest, position * digestBytes, 'hex')
    this.#nTurbines[position] = facts.nTurbines
    this.#aepGwh[position] = facts.aepGwh
  }

  at(position: number): MergedFacts | undefined {
    if (this.#present[position] !== 1) return undefined
    return {
      contentSha256: this.contentSha256At(position),
      configurationDigest: this.#otherDigests.get(position) ?? hexadecimal(this.#configurationDigest, position),
      nTurbines: this.#nTurbines[position]!,
      aepGwh: this.#aepGwh[position]!,
    }
  }

  /** The content digest of a merged configuration. */
  contentSha256At(position: number): string {
    if (this.#present[position] !== 1) throw new TypeError(`no content digest of configuration ${position}`)
    return hexadecimal(this.#contentSha256, position)
  }
}

function hexadecimal(digests: Buffer, position: number): string {
  return digests.toString('hex', position * digestBytes, (position + 1) * digestBytes)
}
