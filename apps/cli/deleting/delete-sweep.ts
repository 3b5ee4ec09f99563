import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { findLeftovers, removeLeftovers } from '@windrow/common/store/file-leftovers.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store, StoredObject } from '@windrow/common/store/store.ts'

/** What a sweep holds in the store: objects and bytes of each of its folders. */
export interface Holdings {
  readonly objects: number
  readonly bytes: number
  readonly parts: readonly { readonly part: string; readonly objects: number; readonly bytes: number }[]
}

const removalsAtOnce = 16

/** Lists all that the store holds of a sweep, by folder. */
export async function readHoldings(store: Store, sweep: string): Promise<Holdings> {
  const folder = names.sweep(sweep)
  const parts = new Map<string, { objects: number; bytes: number }>()
  let [objects, bytes] = [0, 0]
  for await (const { name, size } of store.list(folder)) {
    const [first = '', ...rest] = name.slice(folder.length).split('/')
    const part = rest.length > 0 ? first : 'manifests'
    const present = parts.get(part) ?? { objects: 0, bytes: 0 }
    parts.set(part, { objects: present.objects + 1, bytes: present.bytes + size })
    objects++
    bytes += size
  }
  return { objects, bytes, parts: [...parts].sort().map(([part, held]) => ({ part, ...held })) }
}

/**
 * Removes all of a sweep. Its first manifest goes first: from then on no service takes it for a sweep, and none makes its
 * ledger anew from what is left. Then what Redis holds of it, then every other object, and once more what came meanwhile.
 * Safe to repeat after a crash.
 */
export async function deleteSweep(
  { store, forget }: { store: Store; forget: ((sweep: string) => Promise<void>) | undefined },
  sweep: string,
): Promise<number> {
  await store.remove(names.manifest(sweep, 0))
  await forget?.(sweep)
  let removed = 1
  for (let round = 0; round < 2; round++) {
    const objects = await objectsOf(store, sweep)
    for await (const _ of readAhead(objects, removalsAtOnce, ({ name }) => store.remove(name))) removed++
  }
  await removeLeftovers(store.url, await findLeftovers(store.url, names.sweep(sweep), Number.POSITIVE_INFINITY))
  await forget?.(sweep)
  return removed
}

async function objectsOf(store: Store, sweep: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = []
  for await (const object of store.list(names.sweep(sweep))) objects.push(object)
  return objects
}
