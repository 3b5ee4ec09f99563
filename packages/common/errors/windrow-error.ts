import { type ErrorCode, errorCatalogue } from './catalogue.ts'

export interface ErrorDetails {
  /** What happened, in words a wind engineer understands. */
  readonly message: string
  readonly cause?: unknown
  /** Machine-readable facts (sweep, key, path, size, ...), never secrets. */
  readonly context?: Readonly<Record<string, unknown>>
  /** What to do next, when it is more specific than the catalogue's advice for the code. */
  readonly next?: string
}

/** Every failure Windrow reports: a code from the catalogue, a cause a user understands, and what to do next. */
export class WindrowError extends Error {
  readonly code: ErrorCode
  readonly context: Readonly<Record<string, unknown>>
  readonly next: string

  constructor(code: ErrorCode, { message, cause, context = {}, next }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'WindrowError'
    this.code = code
    this.context = context
    this.next = next ?? errorCatalogue[code].next
  }

  /** True when the same call may succeed later without anyone acting (an outage, a time-out). */
  get transient(): boolean {
    return errorCatalogue[this.code].transient
  }
}

/** True when `error` is a WindrowError, of one of `codes` when any are given. */
export function isWindrowError(error: unknown, ...codes: ErrorCode[]): error is WindrowError {
  return error instanceof WindrowError && (codes.length === 0 || codes.includes(error.code))
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
