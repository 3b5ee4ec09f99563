import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { copyFileTo, replaceFile } from './copy-files.ts'
import { makeFolders, publishFile, unlinkIfThere } from './durable-files.ts'
import { errnoOf, type FileAct, translateFileError, translateLocalFileError } from './file-errors.ts'
import { assertPresent, type FileStoreRoot, findRoot, makeRoot } from './file-store-root.ts'
import { containsObject, foldersIn, removeEmptyFolders, walkFiles } from './file-tree.ts'
import type { Store, StoredObject } from './store.ts'
import { checkStoreFolder, checkStoreName, checkStorePrefix, invalidName } from './store-name.ts'

/**
 * Opens the store in a folder of this machine or of a shared file system, `file:///path`. Throws USAGE, or
 * STORE_UNAVAILABLE when there is no store (an unmounted share looks like that too).
 */
export async function openFileStore(url: string): Promise<Store> {
  return new FileStore(await findRoot(url))
}

/** Makes the folder a store, unless it is one, and opens it. Only for a command by which a user starts something. */
export async function createFileStore(url: string): Promise<Store> {
  return new FileStore(await makeRoot(url))
}

class FileStore implements Store {
  readonly url: string
  readonly #root: FileStoreRoot
  /** Folders whose entries this process has made durable. */
  readonly #durable = new Set<string>()

  constructor(root: FileStoreRoot) {
    this.#root = root
    this.url = root.url
  }

  async create(name: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return await this.#create(name, (file) => file.writeFile(bytes))
  }

  async createFromFile(name: string, path: string): Promise<'created' | 'exists'> {
    checkStoreName(name)
    const source = await openLocal(path)
    try {
      return await this.#create(name, (file) =>
        copyFileTo(source, file, (error) => translateLocalFileError(error, path)),
      )
    } finally {
      await source.close()
    }
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return await this.#withObject(name, async (file) => {
      const bytes = await file.readFile()
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    })
  }

  async readToFile(name: string, path: string): Promise<boolean> {
    const found = await this.#withObject(name, async (file) => {
      await replaceFile(path, (target) =>
        copyFileTo(file, target, (error) => this.#translate(error, { name, act: 'read' })),
      )
      return true
    })
    return found ?? false
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    checkStorePrefix(prefix)
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    try {
      for await (const object of walkFiles(this.#root.path, folder)) if (object.name.startsWith(prefix)) yield object
    } catch (error) {
      throw this.#translate(error, { name: prefix, act: 'read' })
    }
    // A share that was unmounted meanwhile would look like a store with little in it.
    await assertPresent(this.#root)
  }

  async folders(prefix: string): Promise<string[]> {
    checkStoreFolder(prefix)
    try {
      const found: string[] = []
      for (const folder of await foldersIn(join(this.#root.path, prefix))) {
        if (await containsObject(join(this.#root.path, prefix, folder))) found.push(folder)
      }
      await assertPresent(this.#root)
      return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    } catch (error) {
      throw this.#translate(error, { name: prefix, act: 'read' })
    }
  }

  async remove(name: string): Promise<void> {
    checkStoreName(name)
    const path = join(this.#root.path, name)
    try {
      if (!(await this.#isPlainFolder(name))) return await assertPresent(this.#root)
      await unlinkIfThere(path)
      for (const gone of await removeEmptyFolders(this.#root.path, dirname(path))) this.#durable.delete(gone)
    } catch (error) {
      throw this.#translate(error, { name, act: 'write' })
    }
  }

  async #create(name: string, write: (file: FileHandle) => Promise<void>): Promise<'created' | 'exists'> {
    checkStoreName(name)
    const path = join(this.#root.path, name)
    for (let tries = 1; ; tries++) {
      try {
        await this.#prepareFolder(name)
        return await publishFile(path, write)
      } catch (error) {
        // Someone who removed the last object of the folder took the folder away with it.
        this.#durable.delete(dirname(path))
        if (errnoOf(error) === 'ENOENT' && tries < 5) continue
        throw this.#translate(error, { name, act: 'write' })
      }
    }
  }

  async #prepareFolder(name: string): Promise<void> {
    const folder = dirname(join(this.#root.path, name))
    const isThere = await this.#isPlainFolder(name)
    if (isThere && this.#durable.has(folder)) return
    await assertPresent(this.#root)
    await makeFolders(this.#root.path, folder, this.#durable)
    for (let made = folder; made !== this.#root.path; made = dirname(made)) this.#durable.add(made)
  }

  /** Runs `use` on the opened object; undefined when there is none. */
  async #withObject<Result>(name: string, use: (file: FileHandle) => Promise<Result>): Promise<Result | undefined> {
    checkStoreName(name)
    try {
      const file = (await this.#isPlainFolder(name)) ? await openObject(join(this.#root.path, name)) : undefined
      if (!file) {
        await assertPresent(this.#root)
        return undefined
      }
      try {
        return await use(file)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw this.#translate(error, { name, act: 'read' })
    }
  }

  /**
   * True when the folder of `name` is there; throws STORE_NAME_INVALID when a symbolic link below the root leads to it,
   * since a link may lead out of the store.
   */
  async #isPlainFolder(name: string): Promise<boolean> {
    const folder = dirname(join(this.#root.path, name))
    let real: string
    try {
      real = await realpath(folder)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false
      throw error
    }
    if (real !== folder) throw invalidName(name, 'is behind a symbolic link, and those are not followed')
    return true
  }

  #translate(error: unknown, act: Omit<FileAct, 'url'>): Error {
    return translateFileError(error, { ...act, url: this.url })
  }
}

/** Opens an object for reading; undefined when there is none. A symbolic link fails with ELOOP. */
async function openObject(path: string): Promise<FileHandle | undefined> {
  try {
    const found = await lstat(path)
    if (!found.isFile() && !found.isSymbolicLink()) return undefined
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

async function openLocal(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw translateLocalFileError(error, path)
  }
}
