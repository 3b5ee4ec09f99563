import type { AccountCounts, CertificateState } from './account.ts'
import type { Certificate } from './certificate.ts'
import type { CertifiedRow, IndexRow } from './read-account.ts'

/** What can be wrong with a configuration in a merged file. */
export const rowFaults = ['absent', 'extra', 'unreadable', 'digest-mismatch', 'index-mismatch'] as const
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
  readonly layout?: Certificate['layout']
  readonly complete?: boolean
  readonly shortfall?: Certificate['shortfall']
  readonly counts?: AccountCounts
  readonly summary: VerificationSummary
  readonly faults: readonly { readonly fault: FileFault; readonly detail: string }[]
  readonly rows: readonly RowVerdict[]
  readonly notChecked: readonly string[]
}

/** With the certificate's text as it stands in the file, when it can be read. */
export type CertifiedVerification = MergedVerification & {
  readonly certificateText?: string
  readonly certificateSha256?: string
}

/** What a verification thread is asked: an open descriptor, and what to call the file. */
export interface VerificationRequest {
  readonly fd: number
  readonly path: string
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

export type RowOutcome = Omit<RowVerdict, 'key' | 'state'>

/** Collects verdicts as the parts of a file are looked at. */
export class Findings {
  readonly faults: { fault: FileFault; detail: string }[] = []
  readonly rows: RowVerdict[] = []

  fault(fault: FileFault, detail: string): void {
    this.faults.push({ fault, detail })
  }

  get ok(): boolean {
    return this.faults.length === 0 && this.rows.every(({ verdict }) => verdict === 'verified' || verdict === 'named')
  }

  summarise(counts: AccountCounts | undefined): VerificationSummary {
    const of = (...verdicts: string[]) => this.rows.filter(({ verdict }) => verdicts.includes(verdict)).length
    const { expected = 0, merged = 0 } = counts ?? {}
    const verified = of('verified')
    const faulty = of(...rowFaults)
    const text = counts
      ? `${verified} of ${merged} merged configurations verified; ${merged} of ${expected} expected are merged`
      : 'the certificate cannot be read, so nothing could be verified'
    return { expected, merged, verified, faulty, text: faulty > 0 ? `${text}; ${faulty} are faulty` : text }
  }
}
