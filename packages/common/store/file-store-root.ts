import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { makeFolders, makeMissingFolders, publishFile } from './durable-files.ts'
import { errnoOf, translateFileError } from './file-errors.ts'
import { storeMarkerName } from './store-name.ts'

/** The folder of a store: its address as it was given, and its path with every symbolic link above it resolved. */
export interface FileStoreRoot {
  readonly url: string
  readonly path: string
}

/** Finds the store that is at `url` (`file:///path`). Throws USAGE, or STORE_UNAVAILABLE when no store is there (now). */
export async function findRoot(url: string): Promise<FileStoreRoot> {
  const { path, url: plainUrl } = parseFileUrl(url)
  const root = { url: plainUrl, path: await resolved(path) }
  await assertPresent(root)
  return root
}

/** Makes the folder and its marker, durably, unless they are there. Throws what a store throws. */
export async function makeRoot(url: string): Promise<FileStoreRoot> {
  const { path, url: plainUrl } = parseFileUrl(url)
  try {
    const firstMade = await makeMissingFolders('/', path)
    if (firstMade) await makeFolders(dirname(firstMade), path)
    const root = { url: plainUrl, path: await resolved(path) }
    const marker = join(root.path, storeMarkerName)
    if (!(await isThere(marker))) await publishFile(marker, (file) => file.writeFile(markerText))
    return root
  } catch (error) {
    throw translateFileError(error, { name: '', url: plainUrl, act: 'write' })
  }
}

/**
 * Throws STORE_UNAVAILABLE when the store is not there: an unmounted share leaves an empty folder behind, and taking that
 * for an empty store would run everything again.
 */
export async function assertPresent(root: FileStoreRoot): Promise<void> {
  const marker = join(root.path, storeMarkerName)
  let present: boolean
  try {
    present = await isThere(marker)
  } catch (error) {
    throw translateFileError(error, { name: '', url: root.url, act: 'read' })
  }
  if (present) return
  throw new WindrowError('STORE_UNAVAILABLE', {
    message: `There is no store at ${root.url}: ${marker} is missing.`,
    context: { store: root.url },
    next: 'Mount the file system of the store, or check the address.',
  })
}

const markerText = `${JSON.stringify({ store: 'windrow', version: 1 })}\n`

function parseFileUrl(url: string): { path: string; url: string } {
  try {
    const parsed = new URL(url)
    if (parsed.search || parsed.hash) throw new TypeError('It may not have a query or a fragment')
    const path = fileURLToPath(parsed)
    const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path
    return { path: trimmed, url: pathToFileURL(trimmed).href }
  } catch (error) {
    throw new WindrowError('USAGE', {
      message: `${url} is not the address of a file store (file:///path): ${messageOf(error)}.`,
      cause: error,
    })
  }
}

/** The path without symbolic links; as it is where nothing is there. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return path
    throw translateFileError(error, { name: '', url: pathToFileURL(path).href, act: 'read' })
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false
    throw error
  }
}
