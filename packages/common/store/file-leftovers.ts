import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryPrefix, unlinkIfThere } from './durable-files.ts'
import { errnoOf, translateFileError } from './file-errors.ts'
import { findRoot } from './file-store-root.ts'
import { removeEmptyFolders } from './file-tree.ts'

/** A temporary file whose writer was stopped before it had become an object. */
export interface Leftover {
  readonly path: string
  readonly size: number
}

/**
 * Temporary files below a folder of a file store that were last written before `olderThanMs` (ms since the epoch):
 * a younger one may be an upload under way, also of another host. Every other kind of store has none.
 */
export async function findLeftovers(storeUrl: string, folder: string, olderThanMs: number): Promise<Leftover[]> {
  if (!storeUrl.startsWith('file:')) return []
  const root = await findRoot(storeUrl)
  const found: Leftover[] = []
  try {
    for (const entry of await entriesBelow(join(root.path, folder))) {
      if (!entry.isFile() || !entry.name.startsWith(temporaryPrefix)) continue
      const path = join(entry.parentPath, entry.name)
      const facts = await factsOf(path)
      if (facts && facts.mtimeMs < olderThanMs) found.push({ path, size: facts.size })
    }
  } catch (error) {
    throw translateFileError(error, { name: folder, url: storeUrl, act: 'read' })
  }
  return found
}

/** Removes leftovers, and the folders that are empty without them. */
export async function removeLeftovers(storeUrl: string, leftovers: readonly Leftover[]): Promise<void> {
  if (leftovers.length === 0) return
  const root = await findRoot(storeUrl)
  for (const { path } of leftovers) {
    try {
      await unlinkIfThere(path)
      await removeEmptyFolders(root.path, dirname(path))
    } catch (error) {
      throw translateFileError(error, { name: path, url: storeUrl, act: 'write' })
    }
  }
}

/** Symbolic links are not followed. */
async function entriesBelow(path: string) {
  try {
    return await readdir(path, { recursive: true, withFileTypes: true })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** undefined when it has become an object meanwhile. */
async function factsOf(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
