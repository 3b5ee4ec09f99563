import type { AttributeValue, ResultContents } from './contents.ts'

/** Why an output was refused, cheapest check first. */
export const refusalReasons = [
  'empty',
  'too-small',
  'too-large',
  'not-hdf5',
  'truncated',
  'unreadable',
  'missing-object',
  'wrong-type',
  'wrong-shape',
  'digest-mismatch',
  'not-finite',
  'wrong-key',
  'wrong-configuration',
  'wrong-turbine-count',
  'outside-boundary',
  'spacing-violated',
  'aep-mismatch',
  'reader-timeout',
  'reader-crashed',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export type Verdict =
  | { readonly ok: true; readonly contents: ResultContents; readonly contentSha256: string }
  | { readonly ok: false; readonly reason: RefusalReason; readonly detail: string }

/** What a result must be. What is left out is not checked, and `notChecked` of a report says so. */
export interface ResultExpectation {
  readonly key?: string
  /** Attributes the group must have with these values: what the key names (farm_idx, ...). Others are left alone. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly configurationDigest?: string
  readonly nTurbines?: number
  /** Polygon vertices in metres. */
  readonly boundary?: { readonly x: readonly number[]; readonly y: readonly number[] }
  readonly minSpacingM?: number
  /** The JSON problem (see optimizing/problem.ts) on whose model the AEP is evaluated again. */
  readonly problem?: unknown
  /** A commit may have been salvaged; an AEP taken in as reported is then not held against the model. An output may not. */
  readonly mayBeSalvaged?: boolean
}

/** Validates result bytes in a disposable thread. Adapters: thread-validator.ts, and validate-result.ts called inline. */
export interface Validator {
  validate(bytes: Uint8Array, expectation: ResultExpectation): Promise<Verdict>
  close(): Promise<void>
}
