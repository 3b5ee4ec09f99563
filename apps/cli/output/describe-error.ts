import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'

/** A failure as a command says it: what happened, its code, what to do next. A defect of ours shows where it is. */
export function describeError(error: unknown): string {
  if (isWindrowError(error)) return `windrow: ${error.message}\n  code: ${error.code}\n  next: ${error.next}`
  const trace = error instanceof Error && error.stack ? error.stack : messageOf(error)
  return `windrow: this is a defect of Windrow, please report it.\n${trace}`
}
