import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { invalidName } from './store-name.ts'

/** The code of a file system error (`ENOENT`, ...), or undefined for anything else that was thrown. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/**
 * What a file system error means for a store: STORE_READ_ONLY, STORE_FULL, STORE_NAME_INVALID, and STORE_UNAVAILABLE for
 * all the rest, since a fault nobody foresaw may go away as well. WindrowErrors pass unchanged.
 */
export function translateFileError(error: unknown, { name, url, act }: FileAct): WindrowError {
  if (error instanceof WindrowError) return error
  const errno = errnoOf(error)
  const context = { name, store: url, errno }
  const where = `${name === '' ? 'the store' : name} in ${url}`
  switch (errno) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      if (act === 'read') break
      return new WindrowError('STORE_READ_ONLY', {
        message: `May not write ${where} (${errno}).`,
        cause: error,
        context,
      })
    case 'ENOSPC':
    case 'EDQUOT':
      return new WindrowError('STORE_FULL', { message: `No space for ${where} (${errno}).`, cause: error, context })
    case 'ENAMETOOLONG':
    case 'ELOOP':
    case 'EISDIR':
    case 'ENOTDIR':
      return invalidName(name, `cannot be used in ${url} (${errno})`, error)
  }
  return new WindrowError('STORE_UNAVAILABLE', {
    message: `Cannot ${act} ${where}: ${messageOf(error)}.`,
    cause: error,
    context,
  })
}

export interface FileAct {
  readonly name: string
  readonly url: string
  readonly act: 'read' | 'write'
}

/** What an error of a local file (not of the store) means: DISK_FULL or FILE_UNREADABLE. WindrowErrors pass unchanged. */
export function translateLocalFileError(error: unknown, path: string): WindrowError {
  if (error instanceof WindrowError) return error
  const errno = errnoOf(error)
  const code = errno === 'ENOSPC' || errno === 'EDQUOT' ? 'DISK_FULL' : 'FILE_UNREADABLE'
  return new WindrowError(code, {
    message: `Cannot use the file ${path}: ${messageOf(error)}.`,
    cause: error,
    context: { path, errno },
  })
}
