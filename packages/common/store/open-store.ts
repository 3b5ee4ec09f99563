import { WindrowError } from '../errors/windrow-error.ts'
import { createFileStore, openFileStore } from './file-store.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'

/**
 * Opens the store at `url`: `file:///path`, or `memory:` for a new, empty one. With `create`, a file store that is not
 * there is made first. Throws USAGE for other addresses and STORE_UNAVAILABLE when there is no store.
 */
export async function openStore(url: string, { create = false }: { create?: boolean } = {}): Promise<Store> {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase()
  switch (scheme) {
    case 'file:':
      return create ? await createFileStore(url) : await openFileStore(url)
    case 'memory:':
      return createMemoryStore()
    case 's3:':
      throw new WindrowError('USAGE', {
        message: `${withoutCredentials(url)}: stores on S3 come in a later version.`,
        next: 'Use a folder that all machines share: file:///path.',
      })
    default:
      throw new WindrowError('USAGE', {
        message: `${withoutCredentials(url)} is not the address of a store.`,
        next: 'Give it as file:///path.',
      })
  }
}

const withoutCredentials = (url: string) => url.replace(/\/\/[^/@]*@/, '//')
