import { randomBytes } from 'node:crypto'
import { type FileHandle, link, lstat, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WindrowError } from '../errors/windrow-error.ts'
import { errnoOf } from './file-errors.ts'

/** Temporary files start so; names in a store never start with a dot, so no object is ever taken for one. */
export const temporaryPrefix = '.tmp-'

/**
 * Publishes a file as a whole or not at all: temporary file in the same folder, write, fsync, hard link, fsync of the
 * folder. A hard link refuses a name that is taken, also between hosts that share the file system; a rename would not.
 * The folder must exist. Throws what the file system throws, and STORE_UNSAFE where it knows no hard links.
 */
export async function publishFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<'created' | 'exists'> {
  const folder = dirname(path)
  const temporary = join(folder, temporaryPrefix + randomBytes(16).toString('hex'))
  let outcome: 'created' | 'exists' = 'exists'
  if (!(await isTaken(path))) {
    try {
      await writeDurably(temporary, write)
      outcome = await linkUnlessTaken(temporary, path)
    } finally {
      await unlinkIfThere(temporary)
    }
  }
  // Also when the name is taken: its creator may not have come to this yet, and the caller will build upon it.
  await syncFolder(folder)
  return outcome
}

/**
 * Makes `folder` and what is missing between it and `root`, never `root` itself, and makes their entries durable, up to the
 * first folder that is in `durable` already.
 */
export async function makeFolders(
  root: string,
  folder: string,
  durable: ReadonlySet<string> = new Set(),
): Promise<void> {
  const highestMade = await makeMissingFolders(root, folder)
  // Somebody else may have taken away a folder that was durable: what was made just now is not.
  const isNew = (made: string) => highestMade !== undefined && `${made}/`.startsWith(`${highestMade}/`)
  for (let made = folder; made !== root && made.startsWith(root); made = dirname(made)) {
    if (durable.has(made) && !isNew(made)) return
    await syncFolder(dirname(made))
  }
}

/**
 * Makes what is missing of `folder` below `root`; returns the highest folder it made. Node's own recursive mkdir reports
 * a read-only file system as ENOENT, which would pass for a store that is away.
 */
export async function makeMissingFolders(root: string, folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder)
    return folder
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined
    const parent = dirname(folder)
    if (errnoOf(error) !== 'ENOENT' || parent === root || parent === folder) throw error
    const above = await makeMissingFolders(root, parent)
    const own = await makeMissingFolders(root, folder)
    return above ?? own
  }
}

/** Makes the entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes a file; nothing happens when there is none. */
export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

async function writeDurably(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Links `temporary` to `path`; exported for its own test, since only NFS shows why it looks at the inode. */
export async function linkUnlessTaken(temporary: string, path: string): Promise<'created' | 'exists'> {
  try {
    await link(temporary, path)
    return 'created'
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EPERM' || errno === 'ENOTSUP' || errno === 'EOPNOTSUPP' || errno === 'ENOSYS') {
      throw new WindrowError('STORE_UNSAFE', {
        message: `The file system of ${dirname(path)} knows no hard links, by which a store refuses to create a name twice.`,
        cause: error,
      })
    }
    if (errno !== 'EEXIST') throw error
    return (await isSameFile(temporary, path)) ? 'created' : 'exists'
  }
}

/** Spares the writing of what would be refused; only the link decides. */
async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Over NFS a link whose answer was lost is asked for again and then reports EEXIST, though it was ours that worked. */
async function isSameFile(temporary: string, path: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([lstat(temporary, { bigint: true }), lstat(path, { bigint: true })])
  return ours.ino === theirs.ino && ours.dev === theirs.dev
}
