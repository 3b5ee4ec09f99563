import { type Dirent, lstat, type Stats } from 'node:fs'
import { opendir, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { errnoOf } from './file-errors.ts'
import type { StoredObject } from './store.ts'
import { reservedNames } from './store-name.ts'

const statOf: (path: string) => Promise<Stats> = promisify(lstat)

/** Sizes are asked for in groups of this many, so that a shared file system answers them side by side. */
const sizesAtOnce = 64

/** Every object below `folder` (empty, or ending with `/`), named from `root`. Symbolic links are not followed. */
export async function* walkFiles(root: string, folder: string): AsyncIterable<StoredObject> {
  const folders: string[] = []
  let files: string[] = []
  for await (const entry of entriesOf(join(root, folder))) {
    if (isFolder(entry)) folders.push(`${folder}${entry.name}/`)
    if (!isObject(entry, folder)) continue
    files.push(folder + entry.name)
    if (files.length < sizesAtOnce) continue
    yield* withSizes(root, files)
    files = []
  }
  yield* withSizes(root, files)
  for (const below of folders) yield* walkFiles(root, below)
}

/** The names of the folders in a folder; none when it is not there. */
export async function foldersIn(path: string): Promise<string[]> {
  const folders: string[] = []
  for await (const entry of entriesOf(path)) if (isFolder(entry)) folders.push(entry.name)
  return folders
}

/** True when there is an object somewhere below the folder: a store has no empty folders. */
export async function containsObject(path: string): Promise<boolean> {
  for await (const entry of entriesOf(path)) {
    if (isObject(entry, path)) return true
    if (isFolder(entry) && (await containsObject(join(path, entry.name)))) return true
  }
  return false
}

/** Removes `folder` and those above it, up to `root`, as far as they are empty. Returns those that are gone. */
export async function removeEmptyFolders(root: string, folder: string): Promise<string[]> {
  const gone: string[] = []
  for (let path = folder; path !== root && path.startsWith(root); path = dirname(path)) {
    try {
      await rmdir(path)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOTEMPTY' || errno === 'EEXIST' || errno === 'ENOENT') return gone
      throw error
    }
    gone.push(path)
  }
  return gone
}

/** Entry by entry: a folder of a million results is not held in memory. */
async function* entriesOf(path: string): AsyncIterable<Dirent> {
  try {
    for await (const entry of await opendir(path, { bufferSize: 512 })) yield entry
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error
  }
}

async function* withSizes(root: string, names: readonly string[]): AsyncIterable<StoredObject> {
  const sizes = await Promise.all(names.map((name) => sizeOf(join(root, name))))
  for (const [i, name] of names.entries()) {
    const size = sizes[i]
    if (size !== undefined) yield { name, size }
  }
}

/** undefined when the object has been removed since it was listed. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await statOf(path)).size
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const isObject = (entry: Dirent, folder: string) =>
  entry.isFile() && !entry.name.startsWith('.') && !(folder === '' && reservedNames.has(entry.name))

const isFolder = (entry: Dirent) => entry.isDirectory() && !entry.name.startsWith('.')
