import type { ErrorCode } from '../errors/catalogue.ts'

/** Why a process that lives should be looked at, or started again. */
export interface Trouble {
  readonly code: ErrorCode
  readonly message: string
}

/** Whether the process is well, as far as it can tell itself. */
export interface Health {
  readonly trouble: Trouble | undefined
  /** Says what is wrong with it, or (undefined) that it is well again. */
  report(trouble: Trouble | undefined): void
  /** Why it takes no work, although it is well. */
  readonly heldBack: Trouble | undefined
  holdBack(trouble: Trouble | undefined): void
}

export function createHealth(): Health {
  let current: Trouble | undefined
  let held: Trouble | undefined
  return {
    get trouble() {
      return current
    },
    report(trouble) {
      current = trouble
    },
    get heldBack() {
      return held
    },
    holdBack(trouble) {
      held = trouble
    },
  }
}
