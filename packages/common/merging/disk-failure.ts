import { messageOf, WindrowError } from '../errors/windrow-error.ts'

const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG']

/** True when `error` is one of the operating system's, of one of `codes`. */
export function isNodeError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}

/** DISK_FULL when a full disk (or quota) is behind `error`, however deep; otherwise `error` itself. */
export function explainDiskFailure(error: unknown, path: string): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!isNodeError(cause, ...noRoom)) continue
    return new WindrowError('DISK_FULL', {
      message: `There is no room for ${path}: ${messageOf(cause)}. Nothing of it was left behind.`,
      cause: error,
      context: { path },
    })
  }
  return error
}
