import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'

/** Names of the sweeps in the store, sorted. */
export async function sweepNames(store: Store): Promise<string[]> {
  const folders = await store.folders(names.sweeps)
  return folders.map((folder) => folder.replace(/\/$/, ''))
}
