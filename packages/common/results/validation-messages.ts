import type { ErrorCode } from '../errors/catalogue.ts'
import type { ResultLimits } from './result-schema.ts'
import type { ResultExpectation, Verdict } from './verdict.ts'

/** What a validation thread is started with. */
export interface ValidationSetting {
  /** Module whose export `evaluation` is a LayoutEvaluation. */
  readonly evaluationModule: string
  readonly limits?: ResultLimits | undefined
}

export interface ValidationRequest {
  readonly bytes: Uint8Array
  readonly expectation: ResultExpectation
}

/** `heapBytes`: memory of libhdf5 in the thread, which never shrinks. */
export type ValidationReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly heapBytes: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode | undefined; readonly message: string }
