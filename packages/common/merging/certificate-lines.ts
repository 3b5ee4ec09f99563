import { createHash } from 'node:crypto'
import { type CertificateState, certificateStates } from './account.ts'
import {
  type CertificateHead,
  certificateHeadSchema,
  certificateLists,
  headContradictions,
  mergedLine,
} from './certificate.ts'
import { DigestColumn } from './digest-column.ts'
import type { CertifiedRow, RowTable } from './row-table.ts'

export interface CertifiedTable extends RowTable {
  readonly head: CertificateHead
}

type ListName = keyof typeof certificateLists
const lists = Object.keys(certificateLists) as ListName[]

/**
 * Reads a certificate as certificateText writes it, line by line, and holds of it what a table needs: a certificate of
 * 100,000 configurations is 10 MB of text. Throws a ZodError, SyntaxError or TypeError when it is none, or contradicts itself.
 */
export class CertificateLines {
  readonly #head: Record<string, unknown> = {}
  readonly #keys: string[] = []
  readonly #states: number[] = []
  readonly #causes = new Map<number, string>()
  readonly #digests = new DigestColumn()
  readonly #merged = createHash('sha256')
  readonly #named: Record<ListName, number> = { quarantined: 0, dead: 0, missing: 0, merged: 0 }
  #rest = ''
  #list: ListName | undefined
  #lines = 0
  #isOver = false

  push(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) this.#take(line)
  }

  /** The rows by key, bytewise, when all of the text was pushed. */
  finish(): CertifiedTable {
    if (!this.#isOver || this.#rest !== '') throw new SyntaxError('the certificate does not end as it should')
    const head = certificateHeadSchema.parse(this.#head)
    const found = headContradictions(head, this.#named)
    if (head.mergedSha256 !== this.#merged.digest('hex')) found.push('mergedSha256 is not that of merged')
    const keys = this.#keys
    const order = Uint32Array.from(keys, (_, place) => place).sort((a, b) => compare(keys[a]!, keys[b]!))
    if (order.some((place, at) => at > 0 && keys[place] === keys[order[at - 1]!])) {
      found.push('a configuration is named twice')
    }
    if (found.length > 0) throw new TypeError(found.join('; '))
    return this.#table(head, order)
  }

  #table(head: CertificateHead, order: Uint32Array): CertifiedTable {
    const stateAt = (position: number): CertificateState => certificateStates[this.#states[order[position]!]!]!
    return {
      head,
      length: order.length,
      keyAt: (position) => this.#keys[order[position]!]!,
      stateAt,
      at: (position): CertifiedRow => {
        const place = order[position]!
        const state = stateAt(position)
        const contentSha256 = state === 'merged' ? this.#digests.at(place) : ''
        return { key: this.#keys[place]!, state, cause: this.#causes.get(place) ?? '', contentSha256 }
      },
    }
  }

  #take(line: string): void {
    const number = this.#lines++
    if (this.#isOver) throw new SyntaxError('the certificate goes on after its end')
    if (number === 0) {
      if (line !== '{') throw new SyntaxError('the certificate does not begin as it should')
    } else if (line === '}') {
      if (this.#list !== undefined) throw new SyntaxError('a list of the certificate does not end')
      this.#isOver = true
    } else if (this.#list !== undefined) {
      if (line === '  ]' || line === '  ],') this.#list = undefined
      else this.#takeEntry(this.#list, JSON.parse(withoutComma(line)))
    } else this.#takeMember(line)
  }

  #takeMember(line: string): void {
    const [, name, value] = /^ {2}"(\w+)": (.+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new SyntaxError('a line of the certificate has no name')
    const list = lists.find((known) => known === name)
    if (list === undefined) this.#head[name] = JSON.parse(withoutComma(value))
    else if (value === '[') this.#list = list
    else if (withoutComma(value) !== '[]') throw new SyntaxError(`the list ${name} is none`)
  }

  #takeEntry(list: ListName, entry: unknown): void {
    const place = this.#keys.length
    this.#named[list]++
    this.#states.push(certificateStates.indexOf(list))
    if (list === 'missing') {
      this.#keys.push(certificateLists.missing.parse(entry))
    } else if (list === 'merged') {
      const { key, contentSha256 } = certificateLists.merged.parse(entry)
      this.#keys.push(key)
      this.#digests.set(place, contentSha256)
      this.#merged.update(mergedLine(key, contentSha256))
    } else {
      const { key, cause } = certificateLists[list].parse(entry)
      this.#keys.push(key)
      if (cause !== undefined) this.#causes.set(place, cause)
    }
  }
}

function withoutComma(line: string): string {
  return line.endsWith(',') ? line.slice(0, -1) : line
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
