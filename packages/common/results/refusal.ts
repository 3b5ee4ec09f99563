import type { RefusalReason } from './verdict.ts'

/** A check that an output did not pass; validateResult makes it the verdict. */
export class Refusal extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause })
    this.name = 'Refusal'
    this.reason = reason
  }
}

/** Ends the validation with this reason unless the condition holds. */
export function demand(condition: boolean, reason: RefusalReason, detail: string): asserts condition {
  if (!condition) throw new Refusal(reason, detail)
}
