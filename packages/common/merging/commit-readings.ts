import { createHash } from 'node:crypto'
import type { ResultContents } from '../results/contents.ts'
import type { ResultExpectation, Verdict } from '../results/verdict.ts'
import type { ExpectedConfiguration } from './account.ts'
import { type EncodedAttributes, encodeAttributes } from './attribute-json.ts'

/** A store may answer wrongly once: a commit is damaged when it does not verify on this many fresh reads. */
const readsBeforeDamaged = 3

export type Refusal = Verdict & { readonly ok: false }

/** A commit that cannot go into the merged file: its epoch is to be closed, and its configuration run again. */
export interface DamagedCommit {
  readonly row: ExpectedConfiguration
  readonly verdict: Refusal
  /** It was listed as committed, and is not there any more. */
  readonly vanished: boolean
}

/** One line of the audit: a file that the merge read, and what it found. */
export interface AuditLine {
  readonly name: string
  readonly key: string
  readonly epoch: number
  readonly bytes: number
  readonly sha256: string
  readonly verdict: 'valid' | 'vanished' | Refusal['reason']
  readonly detail?: string
  readonly contentSha256?: string
  readonly datasets?: Readonly<Record<string, { readonly type: string; readonly shape: readonly number[] }>>
  readonly attributes?: EncodedAttributes
}

export type CommitReading = { readonly row: ExpectedConfiguration; readonly audit: readonly AuditLine[] } & (
  | { readonly kind: 'valid'; readonly contents: ResultContents; readonly contentSha256: string }
  | { readonly kind: 'damaged'; readonly damage: DamagedCommit }
)

export interface CommitReadingPorts {
  readonly readCommit: (row: ExpectedConfiguration) => Promise<Uint8Array | undefined>
  readonly validate: (bytes: Uint8Array, expectation: ResultExpectation) => Promise<Verdict>
  readonly expectationFor: (row: ExpectedConfiguration) => ResultExpectation
  readonly nameOf: (row: ExpectedConfiguration) => string
}

/** Reads a commit and validates it, again if need be; throws what the ports throw. */
export async function readCommitOf(row: ExpectedConfiguration, ports: CommitReadingPorts): Promise<CommitReading> {
  const audit: AuditLine[] = []
  let refusal: Refusal | undefined
  for (let read = 0; read < readsBeforeDamaged; read++) {
    const bytes = await ports.readCommit(row)
    const file = { name: ports.nameOf(row), key: row.key, epoch: row.epoch, ...sizeAndDigest(bytes) }
    if (!bytes) {
      const verdict: Refusal = { ok: false, reason: 'missing-object', detail: 'the store no longer holds this commit' }
      audit.push({ ...file, verdict: 'vanished', detail: verdict.detail })
      return { kind: 'damaged', row, audit, damage: { row, verdict, vanished: true } }
    }
    const verdict = await ports.validate(bytes, ports.expectationFor(row))
    if (verdict.ok) {
      const { contents, contentSha256 } = verdict
      audit.push({ ...file, verdict: 'valid', contentSha256, ...inventory(contents) })
      return { kind: 'valid', row, audit, contents, contentSha256 }
    }
    refusal = verdict
    audit.push({ ...file, verdict: verdict.reason, detail: verdict.detail })
  }
  return { kind: 'damaged', row, audit, damage: { row, verdict: refusal!, vanished: false } }
}

function sizeAndDigest(bytes: Uint8Array = new Uint8Array()): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function inventory({ datasets, attributes }: ResultContents): Pick<AuditLine, 'datasets' | 'attributes'> {
  const listed = Object.keys(datasets)
    .sort()
    .map((name) => [name, { type: datasets[name]!.elementType, shape: datasets[name]!.shape }])
  return { datasets: Object.fromEntries(listed), attributes: encodeAttributes(attributes) }
}
