import type { ResultLimits } from './result-schema.ts'
import { type LayoutEvaluation, validateResult } from './validate-result.ts'
import type { Validator } from './verdict.ts'

/**
 * A validator in the calling thread: for outputs of our own and for tools that end soon. A file that makes libhdf5 loop
 * blocks the caller; thread-validator.ts is for what comes from outside.
 */
export function createInlineValidator(options: {
  readonly evaluation: LayoutEvaluation
  readonly limits?: ResultLimits
}): Validator {
  return {
    validate: (bytes, expectation) => validateResult(bytes, expectation, options),
    close: async () => {},
  }
}
