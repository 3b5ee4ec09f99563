import { readdir } from 'node:fs/promises'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'

/** What a folder has for a merge. */
export interface ListedFiles {
  /** Names of the files that are read, in bytewise order. */
  readonly files: readonly string[]
  /** Everything else that is there, by name, and why it is not read. */
  readonly ignored: readonly IgnoredFile[]
}

export interface IgnoredFile {
  readonly file: string
  readonly why: string
}

const hdf5Name = /\.(h5|hdf5|he5)$/i

/** Lists a folder: its files with a name of HDF5 are read, whatever is in them. FILE_UNREADABLE when it cannot be listed. */
export async function listFiles(directory: string): Promise<ListedFiles> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause) => {
    throw new WindrowError('FILE_UNREADABLE', {
      message: `The folder ${directory} cannot be listed: ${messageOf(cause)}`,
      cause,
      context: { directory },
    })
  })
  const files: string[] = []
  const ignored: IgnoredFile[] = []
  for (const entry of entries.toSorted(({ name: one }, { name: other }) => (one < other ? -1 : 1))) {
    if (entry.isDirectory()) ignored.push({ file: entry.name, why: 'a folder' })
    else if (!entry.isFile()) ignored.push({ file: entry.name, why: 'not a regular file' })
    else if (!hdf5Name.test(entry.name)) ignored.push({ file: entry.name, why: 'not named as HDF5 (.h5)' })
    else files.push(entry.name)
  }
  return { files, ignored }
}
