import { WindrowError } from '../errors/windrow-error.ts'
import type { Randomness } from '../time/randomness.ts'
import { names } from './names.ts'
import type { Store } from './store.ts'

/**
 * Makes sure that the store refuses to create a name twice, on which everything rests that Windrow promises: some servers
 * accept a conditional create and overwrite. Throws STORE_UNSAFE, or what the store throws.
 */
export async function probeStore(store: Store, randomness: Randomness): Promise<void> {
  const name = names.probe(randomness.id())
  const [first, second] = [Buffer.from('first'), Buffer.from('second')]
  await store.create(name, first)
  try {
    const answer = await store.create(name, second)
    const kept = await store.read(name)
    if (answer === 'exists' && kept && first.equals(kept)) return
    throw new WindrowError('STORE_UNSAFE', {
      message: `The store ${store.url} does not refuse to create a name twice: it answered '${answer}'.`,
      context: { store: store.url, name },
    })
  } finally {
    await store.remove(name)
  }
}
