import type { AccountCounts, CertificateState } from './account.ts'
import type { CertificateHead } from './certificate.ts'
import type { IndexRow } from './index-table.ts'
import type { CertifiedRow } from './row-table.ts'

/** What can be wrong with a configuration in a merged file. */
const rowFaults = ['absent', 'extra', 'unreadable', 'digest-mismatch', 'index-mismatch'] as const
export type RowFault = (typeof rowFaults)[number]

/** What can be wrong with a merged file as a whole. */
export const fileFaults = [
  'empty',
  'not-hdf5',
  'truncated',
  'unreadable',
  'reader-timeout',
  'reader-crashed',
  'not-merged',
  'certificate-damaged',
  'index-damaged',
  'account-mismatch',
  'columns-damaged',
  'unexpected-object',
  'changed',
] as const
export type FileFault = (typeof fileFaults)[number]

export interface RowVerdict {
  readonly key: string
  /** What the certificate says; 'unknown' when it does not name the configuration. */
  readonly state: CertificateState | 'unknown'
  /** `verified`: merged, and its content digest is the certificate's. `named`: not in the file, as certified. */
  readonly verdict: 'verified' | 'named' | RowFault
  readonly detail?: string
}

/** What `windrow verify FILE --json` prints. */
export interface MergedVerification {
  readonly schema: 1
  readonly path: string
  readonly bytes: number
  /** Everything that is certified is there, and reads as certified. */
  readonly ok: boolean
  readonly sweep?: string
  readonly identityDigest?: string
  readonly layout?: CertificateHead['layout']
  readonly complete?: boolean
  readonly shortfall?: CertificateHead['shortfall']
  readonly counts?: AccountCounts
  readonly summary: VerificationSummary
  readonly faults: readonly { readonly fault: FileFault; readonly detail: string }[]
  readonly rows: readonly RowVerdict[]
  readonly notChecked: readonly string[]
}

/** With what the certificate says, when it can be read. */
export interface CertifiedVerification extends MergedVerification {
  /** Of the certificate's text as it stands in the file. */
  readonly certificateSha256?: string
  /** The merged configurations, where every row was asked for. */
  readonly merged?: readonly { readonly key: string; readonly contentSha256: string }[]
}

/** What a verification thread is asked: an open descriptor, and what to call the file. */
export interface VerificationRequest {
  readonly fd: number
  readonly path: string
  /** Whether rows that are as certified are told one by one; a merger asks only for what is wrong. */
  readonly everyRow: boolean
}

export interface VerificationSummary {
  readonly expected: number
  readonly merged: number
  readonly verified: number
  readonly faulty: number
  readonly text: string
}

/** A configuration to be verified, as certified and as indexed. */
export interface RowCheck {
  readonly row: CertifiedRow
  readonly indexed: IndexRow | undefined
}

/** The configurations to be verified, by key; made as they are asked for, in this order. */
export interface RowChecks {
  readonly length: number
  at(place: number): RowCheck
}

export type RowOutcome = Omit<RowVerdict, 'key' | 'state'>

/** Collects verdicts as the parts of a file are looked at. */
export class Findings {
  readonly faults: { fault: FileFault; detail: string }[] = []
  readonly rows: RowVerdict[] = []
  readonly #everyRow: boolean
  #verified = 0
  #faulty = 0

  constructor({ everyRow }: { readonly everyRow: boolean }) {
    this.#everyRow = everyRow
  }

  fault(fault: FileFault, detail: string): void {
    this.faults.push({ fault, detail })
  }

  row(row: RowVerdict): void {
    const isSound = row.verdict === 'verified' || row.verdict === 'named'
    if (row.verdict === 'verified') this.#verified++
    else if (!isSound) this.#faulty++
    if (this.#everyRow || !isSound) this.rows.push(row)
  }

  get ok(): boolean {
    return this.faults.length === 0 && this.#faulty === 0
  }

  summarise(counts: AccountCounts | undefined): VerificationSummary {
    const { expected = 0, merged = 0 } = counts ?? {}
    const [verified, faulty] = [this.#verified, this.#faulty]
    const text = counts
      ? `${verified} of ${merged} merged configurations verified; ${merged} of ${expected} expected are merged`
      : 'the certificate cannot be read, so nothing could be verified'
    return { expected, merged, verified, faulty, text: faulty > 0 ? `${text}; ${faulty} are faulty` : text }
  }
}
