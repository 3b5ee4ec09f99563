import { WindrowError } from '../errors/windrow-error.ts'
import { createFileStore, openFileStore } from './file-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { withoutCredentials } from './s3-address.ts'
import type { Store } from './store.ts'

/**
 * Opens the store at `url`: `file:///path`, `s3://bucket/prefix?endpoint=...` (see `openS3Store`), or `memory:` for a new,
 * empty one. With `create`, a file store that is not there is made first; a bucket is never made. Throws USAGE for other
 * addresses, STORE_UNAVAILABLE when there is no store, STORE_REFUSED when it does not accept the key.
 */
export async function openStore(url: string, { create = false }: { create?: boolean } = {}): Promise<Store> {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase()
  switch (scheme) {
    case 'file:':
      return create ? await createFileStore(url) : await openFileStore(url)
    case 'memory:':
      return createMemoryStore()
    case 's3:': {
      // The SDK takes a while to load; only who needs it waits for it.
      const { openS3Store } = await import('./s3-store.ts')
      return await openS3Store(url)
    }
    default:
      throw new WindrowError('USAGE', {
        message: `${withoutCredentials(url)} is not the address of a store.`,
        next: 'Give it as file:///path or s3://bucket/prefix.',
      })
  }
}
