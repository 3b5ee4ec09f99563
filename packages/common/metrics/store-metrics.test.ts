import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { storeContract } from '../../../test/contracts/store.contract.ts'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { WindrowError } from '../errors/windrow-error.ts'
import { silentLogger } from '../logging/logger.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createMetrics } from './metrics.ts'
import { observeStore } from './store-metrics.ts'

function observed(store: Store = createMemoryStore()) {
  const metrics = createMetrics(silentLogger())
  const counted = async () => {
    const { text } = await metrics.scrape()
    const lines = text.matchAll(/_duration_seconds_count\{operation="(\w+)",outcome="(\w+)"\} (\d+)/g)
    return Array.from(lines, ([, operation, outcome, count]) => `${operation} ${outcome} ${count}`)
  }
  return { store: observeStore(store, metrics), counted }
}
const bytes = new Uint8Array(3)

storeContract('observed memory', async () => ({ store: observed().store, close: async () => {} }))

describe('an observed store', () => {
  it('counts every operation by its outcome', async () => {
    const { store, counted } = observed()
    const file = join(await temporaryFolder(), 'file')
    await store.create('a/b', bytes)
    await store.create('a/b', bytes)
    await store.read('a/b')
    await store.read('none')
    await store.readToFile('a/b', file)
    await store.createFromFile('a/c', file)
    await store.folders('')
    await store.remove('a/b')
    for await (const { name } of store.list('')) assert.equal(name, 'a/c')
    assert.deepEqual(await counted(), [
      ...['create created 1', 'create exists 1', 'read ok 1', 'read absent 1', 'read_to_file ok 1'],
      ...['create_from_file created 1', 'folders ok 1', 'remove ok 1', 'list ok 1'],
    ])
  })

  it('counts failures by their code, also in the middle of a listing, and hands them on', async () => {
    const failure = new WindrowError('STORE_UNAVAILABLE', { message: 'away' })
    const { store, counted } = observed(
      boundStore(createMemoryStore(), {
        create: () => Promise.reject(failure),
        async *list() {
          yield { name: 'a', size: 1 }
          throw failure
        },
      }),
    )
    await assert.rejects(store.create('a', bytes), failure)
    const listing = store.list('')[Symbol.asyncIterator]()
    assert.equal((await listing.next()).value.name, 'a')
    await assert.rejects(listing.next(), failure)
    assert.deepEqual(await counted(), ['create STORE_UNAVAILABLE 1', 'list STORE_UNAVAILABLE 1'])
  })

  it('counts a listing that is left, and lets it go', async () => {
    let left = false
    const { store, counted } = observed(
      boundStore(createMemoryStore(), {
        async *list() {
          try {
            for (;;) yield { name: 'a', size: 1 }
          } finally {
            left = true
          }
        },
      }),
    )
    for await (const _ of store.list('')) break
    assert.equal(left, true)
    assert.deepEqual(await counted(), ['list ok 1'])
  })
})
