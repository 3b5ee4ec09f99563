import type { Dirent } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'

/** A file to read. */
export interface WreckPath {
  /** As it is called in reports: its name in the directory. */
  readonly name: string
  readonly path: string
  /** The merged file that was named beside the directory. */
  readonly merged: boolean
}

export interface WreckListing {
  /** By name, bytewise. */
  readonly files: readonly WreckPath[]
  /** Everything else in the directory, and why it is not read. */
  readonly ignored: readonly { readonly name: string; readonly why: string }[]
}

/**
 * The HDF5 files of a directory, not of its folders, and the merged file beside it. Links are not followed: they lead to
 * files that nobody named. Throws USAGE, FILE_UNREADABLE, or WRECK_EMPTY when there is none.
 */
export async function listWreck(directory: string, merged: string | undefined): Promise<WreckListing> {
  const entries = await entriesOf(directory)
  const sorted = entries.toSorted((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)))
  const own = merged === undefined ? undefined : await realPathOf(merged)
  const folder = await realPathOf(directory)
  const files = sorted
    .filter((entry) => whyIgnored(entry) === undefined && join(folder, entry.name) !== own)
    .map(({ name }) => ({ name, path: join(folder, name), merged: false }))
  const ignored = sorted.flatMap((entry) => {
    const why = whyIgnored(entry)
    return why === undefined ? [] : [{ name: entry.name, why }]
  })
  if (files.length === 0 && own === undefined) throw nothingIn(directory, sorted)
  return { files: own === undefined ? files : [...files, { name: basename(own), path: own, merged: true }], ignored }
}

/** Why an entry of the directory is not read; undefined for a file that is. */
function whyIgnored(entry: Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>): string | undefined {
  if (entry.isDirectory()) return 'a folder'
  if (entry.isSymbolicLink()) return 'a link; links are not followed'
  if (!entry.isFile()) return 'no regular file'
  return /\.(?:h5|hdf5?)$/i.test(entry.name) ? undefined : 'not called .h5'
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (cause) {
    const message = `${directory} cannot be listed: ${messageOf(cause)}`
    throw new WindrowError('FILE_UNREADABLE', { message, cause, context: { directory } })
  }
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    const message = `${path} cannot be read: ${messageOf(cause)}`
    throw new WindrowError('FILE_UNREADABLE', { message, cause, context: { path } })
  }
}

function nothingIn(directory: string, entries: readonly Dirent[]): WindrowError {
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const [only] = folders
  return new WindrowError('WRECK_EMPTY', {
    message: `${directory} holds no file called .h5 (${entries.length} entries, ${folders.length} of them folders).`,
    context: { directory },
    ...(only !== undefined && { next: `Folders are not searched; name one of them: ${join(directory, only)}` }),
  })
}
