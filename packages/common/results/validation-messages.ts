import type { ResultLimits } from './result-schema.ts'
import type { ResultExpectation } from './verdict.ts'

/** What a validation thread is started with. */
export interface ValidationSetting {
  /** Module whose export `evaluation` is a LayoutEvaluation. */
  readonly evaluationModule: string
  /** How long it may be silent once it has read the file. */
  readonly evaluationTimeoutMs: number
  readonly limits?: ResultLimits | undefined
}

export interface ValidationRequest {
  readonly bytes: Uint8Array
  readonly expectation: ResultExpectation
}
