import { readFileSync, writeFileSync } from 'node:fs'
import { translateLocalFileError } from './file-errors.ts'
import type { Store, StoredObject } from './store.ts'
import { checkStoreFolder, checkStoreName, checkStorePrefix } from './store-name.ts'

/** A store in memory, for tests and simulations. Each call takes its effect at once, before its promise is returned. */
export function createMemoryStore(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly url = 'memory:'
  readonly #objects = new Map<string, Uint8Array>()

  async create(name: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    checkStoreName(name)
    if (this.#objects.has(name)) return 'exists'
    this.#objects.set(name, Uint8Array.from(bytes))
    return 'created'
  }

  async createFromFile(name: string, path: string): Promise<'created' | 'exists'> {
    checkStoreName(name)
    return await this.create(
      name,
      locally(path, () => readFileSync(path)),
    )
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    checkStoreName(name)
    const bytes = this.#objects.get(name)
    return bytes && Uint8Array.from(bytes)
  }

  async readToFile(name: string, path: string): Promise<boolean> {
    checkStoreName(name)
    const bytes = this.#objects.get(name)
    if (bytes) locally(path, () => writeFileSync(path, bytes))
    return bytes !== undefined
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    checkStorePrefix(prefix)
    const found = [...this.#objects].filter(([name]) => name.startsWith(prefix))
    for (const [name, bytes] of found) yield { name, size: bytes.length }
  }

  async folders(prefix: string): Promise<string[]> {
    checkStoreFolder(prefix)
    const folders = new Set<string>()
    for (const name of this.#objects.keys()) {
      const end = name.indexOf('/', prefix.length)
      if (name.startsWith(prefix) && end >= 0) folders.add(name.slice(prefix.length, end))
    }
    return [...folders].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  async remove(name: string): Promise<void> {
    checkStoreName(name)
    this.#objects.delete(name)
  }
}

function locally<Result>(path: string, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw translateLocalFileError(error, path)
  }
}
