import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import { names } from '@windrow/common/store/names.ts'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import { type MemoryWorker, memoryWorker } from '../../../test/fixtures/worker-in-memory.ts'
import { DrainingError } from '../steps/patience.ts'
import { emptySpool } from './empty-spool.ts'

const never = new AbortController().signal

/** A worker that drained while the store was away, with a result of each of the first `count` configurations spooled. */
async function workerWithSpool(count: number): Promise<MemoryWorker> {
  const store = createMemoryStore()
  let away = true
  const failing = boundStore(store, {
    create: async (name, bytes) => {
      if (name.includes('/results/') && away) throw new WindrowError('STORE_UNAVAILABLE', { message: 'gone' })
      return await store.create(name, bytes)
    },
  })
  const worker = await memoryWorker({ store: failing })
  const drain = new AbortController()
  setTimeout(() => drain.abort(), 20)
  await Promise.all(Array.from({ length: count }, (_, index) => worker.run(index, drain.signal)))
  assert.equal((await worker.spool.waiting()).length, count)
  away = false
  return worker
}

describe('emptying the spool', () => {
  it('does not wait for a ledger that nobody makes: the commit in the store is what counts', {
    timeout: 20_000,
  }, async () => {
    const worker = await workerWithSpool(1)
    await worker.ledger.remove()
    assert.equal(await emptySpool(worker.ports, never), 1)
    assert.ok(await worker.store.read(names.result('small', 'farm0_s0', 0)))
    assert.deepEqual(await worker.spool.waiting(), [])
  })

  it('leaves the result of a sweep that is gone where it is, and brings the others home', async () => {
    const worker = await workerWithSpool(2)
    const [first] = await worker.spool.waiting()
    await worker.spool.put({ ...first!, sweep: 'deleted', attempt: 'other' })
    const { sweepOf } = worker.ports
    const ports: typeof worker.ports = {
      ...worker.ports,
      sweepOf: async (sweep, manifest) => {
        if (sweep === 'small') return await sweepOf(sweep, manifest)
        throw new WindrowError('SWEEP_UNKNOWN', { message: `no sweep ${sweep}` })
      },
    }
    assert.equal(await emptySpool(ports, never), 2)
    const left = (await worker.spool.waiting()).map(({ sweep }) => sweep)
    assert.deepEqual(left, ['deleted'])
  })

  it('keeps what it could not bring home, because the store went away again and the worker drains', async () => {
    const worker = await workerWithSpool(1)
    const before = await worker.spool.waiting()
    for (const kind of ['/attempts/', '/results/']) {
      const store = boundStore(worker.store, {
        create: async (name, bytes) => {
          if (name.includes(kind)) throw new WindrowError('STORE_UNAVAILABLE', { message: 'gone again' })
          return await worker.store.create(name, bytes)
        },
      })
      await assert.rejects(emptySpool({ ...worker.ports, store }, AbortSignal.abort()), DrainingError)
      assert.deepEqual(await worker.spool.waiting(), before)
    }
  })

  it('commits nothing that is no result of the sweep as it is now', async () => {
    const worker = await workerWithSpool(1)
    const [first] = await worker.spool.waiting()
    await worker.spool.remove(first!)
    await worker.spool.put({ ...first!, key: 'farm1_s0' })
    assert.equal(await emptySpool(worker.ports, never), 0)
    assert.equal(await worker.store.read(names.result('small', 'farm1_s0', 0)), undefined)
    assert.equal((await worker.spool.waiting()).length, 1)
  })
})
