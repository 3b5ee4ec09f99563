import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Store } from '@windrow/common/store/store.ts'
import { boundStore } from '../../test/fixtures/bound-store.ts'
import { memoryProducer } from '../../test/fixtures/producer-in-memory.ts'
import { freshMemory, reconcile } from './reconcile.ts'

describe('reconciling a sweep', () => {
  it('waits two beats for running work to announce itself after Redis was emptied, then enqueues the rest', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    await producer.flush()
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 0, 'nothing yet')
    const running = { index: 2, attempt: 'a', epoch: 0, worker: 'w' }
    await producer.sweep.ledger.repeatRunning([running], producer.now)
    producer.now += 2_000
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 5)
    assert.equal((await producer.states())[2], 'running')
  })

  it('waits so at its first pass, too, where others may be running', async () => {
    const producer = await memoryProducer({ alone: false })
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 0)
    producer.now += 2_000
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 6)
  })

  it('does not search store and queue again and again for the jobs of work it has adopted', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    await producer.flush()
    await producer.pass()
    const running = [{ index: 2, attempt: 'a', epoch: 0, worker: 'w' }]
    await producer.sweep.ledger.repeatRunning(running, producer.now)
    producer.now += 2_000
    let listings = 0
    const { store } = producer.ports
    const list: Store['list'] = (prefix) => {
      listings++
      return store.list(prefix)
    }
    const ports = { ...producer.ports, store: boundStore(store, { list }) }
    const pass = () => reconcile(producer.sweep, ports, producer.memory)
    for (let passes = 0; passes < 4; passes++) await pass()
    listings = 0
    for (let passes = 0; passes < 20; passes++) {
      producer.now += 10
      await producer.sweep.ledger.repeatRunning(running, producer.now)
      await pass()
    }
    assert.equal(listings, 0)
    producer.now += 60_000
    for (let passes = 0; passes < 3; passes++) await pass()
    assert.equal((await producer.states())[2], 'pending', 'it has gone silent, and is taken back')
    assert.deepEqual(await producer.sweep.queue.withoutOpenJob(['farm0_s2']), [])
  })

  it('waits for running work, too, when another producer has made the ledger anew', async () => {
    const producer = await memoryProducer()
    const other = freshMemory()
    await producer.pass()
    await producer.pass(other)
    await producer.flush()
    await producer.pass()
    await producer.pass(other)
    assert.equal((await producer.sweep.queue.counts()).waiting, 0, 'neither enqueues what may be running')
    producer.now += 2_000
    await producer.pass(other)
    assert.equal((await producer.sweep.queue.counts()).waiting, 6)
  })
})
