import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordAction } from '@windrow/common/accounting/actions.ts'
import { rangesOf } from '@windrow/common/accounting/index-ranges.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import { commit, type MemoryProducer, memoryProducer, settle } from '../../test/fixtures/producer-in-memory.ts'

describe('reconciling a sweep', () => {
  it('enqueues only what is selected, and the rest when the selection ends', async () => {
    const producer = await memoryProducer()
    const select = (selector: string[], now: number) =>
      recordAction(producer.ports.store, { sweep: 'small', action: 'select', selector, by: 'test' }, { now, id: 'x' })
    await select(['farm_idx=1'], 1)
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 3)
    assert.equal((await producer.states()).filter((state) => state === 'cancelled').length, 3)
    await select([], 2)
    await producer.pass({ ...producer.memory, compareStore: true, cursor: 0 })
    assert.equal((await producer.sweep.queue.counts()).waiting, 6)
  })

  describe('heeds what operators did, from the store alone', () => {
    const record = ({ ports }: MemoryProducer, action: 'pause' | 'resume' | 'cancel', places: number[] = []) =>
      recordAction(
        ports.store,
        { sweep: 'small', action, selector: [], configurations: rangesOf(places), by: 'anna' },
        { now: ++acts, id: 'x' },
      )
    let acts = 0
    const taken = (producer: MemoryProducer) =>
      producer.queues.consume({
        queue: queueNames.sweep('small'),
        concurrency: 1,
        lockDurationMs: 1_000,
        process: async (_job, shutdown) => {
          await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
          return { kind: 'hand-back' }
        },
        onError: (error) => assert.fail(error),
      })

    it('a pause: the queue gives nothing out until the sweep is resumed, also when Redis was emptied', async () => {
      const producer = await memoryProducer()
      await record(producer, 'pause')
      await producer.pass()
      const consumer = taken(producer)
      assert.deepEqual(await consumer.demand(), { waiting: 0, running: 0 })
      assert.equal((await producer.sweep.queue.counts()).waiting, 6)
      await producer.flush()
      await producer.pass()
      producer.now += 10_000
      await producer.pass()
      assert.equal((await producer.sweep.queue.counts()).waiting, 6)
      assert.deepEqual(await consumer.demand(), { waiting: 0, running: 0 }, 'still paused')
      await record(producer, 'resume')
      await producer.pass()
      assert.equal((await consumer.demand()).running, 1)
      await consumer.drain()
    })

    it('a cancelling: what waits and what runs is cancelled, without anybody waking it, also when Redis was emptied', async () => {
      const producer = await memoryProducer()
      await producer.pass()
      const { ledger } = producer.sweep
      await ledger.begin({ index: 0, attempt: 'a', worker: 'w', budget: 3, now: producer.now })
      await settle(producer, 1)
      await commit(producer, 'farm0_s1')
      await record(producer, 'cancel', [0, 1, 2])
      await producer.pass()
      const expected = ['cancelled', 'committed', 'cancelled', 'pending', 'pending', 'pending']
      assert.deepEqual(await producer.states(), expected)
      await producer.flush()
      await producer.pass()
      assert.deepEqual(await producer.states(), expected)
      producer.now += 10_000
      await producer.pass()
      assert.equal((await producer.sweep.queue.counts()).waiting, 3)
    })

    it('a selection that wants the cancelled again: they are pending, with jobs', async () => {
      const producer = await memoryProducer()
      await record(producer, 'cancel', [0, 1, 2, 3, 4, 5])
      await producer.pass()
      assert.equal((await producer.sweep.queue.counts()).waiting, 0)
      const everything = { sweep: 'small', action: 'select' as const, selector: [], by: 'anna' }
      await recordAction(producer.ports.store, everything, { now: ++acts, id: 'y' })
      await producer.pass()
      assert.equal((await producer.sweep.queue.counts()).waiting, 6)
    })
  })
})
