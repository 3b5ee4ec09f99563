import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { commit, type MemoryProducer, memoryProducer, settle } from '../../test/fixtures/producer-in-memory.ts'
import { freshMemory, reconcile } from './reconcile.ts'

const actor = { who: 'test', host: 'test', now: 0, reason: 'test' }

async function bury({ ports }: MemoryProducer, key: string, epoch = 0): Promise<void> {
  const letter = {
    schema: 1,
    sweep: 'small',
    key,
    epoch,
    state: 'dead-failed',
    code: 'OPTIMIZER_FAILED',
    message: 'no luck',
  }
  const record = { ...letter, attempts: 2, attempt: 'a', host: 'h', at: new Date(0).toISOString() }
  await ports.store.create(names.deadLetter('small', key, epoch), encodeRecord(record))
}

describe('reconciling a sweep', () => {
  it('makes the ledger from the store, and enqueues only what is pending', async () => {
    const producer = await memoryProducer()
    await commit(producer, 'farm0_s0')
    await bury(producer, 'farm0_s1')
    await bury(producer, 'farm0_s2')
    await recordReopening(producer.ports.store, { sweep: 'small', key: 'farm0_s2', epoch: 0 }, actor)
    await commit(producer, 'farm1_s0')
    await recordReopening(producer.ports.store, { sweep: 'small', key: 'farm1_s0', epoch: 0 }, actor)
    await producer.pass()
    assert.deepEqual(await producer.states(), ['committed', 'dead-failed', 'pending', 'pending', 'pending', 'pending'])
    assert.deepEqual(
      [...(await producer.sweep.ledger.epochs())],
      [
        [2, 1],
        [3, 1],
      ],
    )
    assert.equal((await producer.sweep.queue.counts()).waiting, 4)
  })

  it('keeps at most so many jobs open, and tops up when there is room', async () => {
    const producer = await memoryProducer({ maxOpenJobs: 2 })
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 2)
    await settle(producer, 0)
    producer.queues.forget()
    await producer.pass()
    const waiting = await producer.sweep.queue.withoutOpenJob(['farm0_s2', 'farm1_s0'])
    assert.deepEqual(waiting, [], 'the next two are in the queue')
  })

  it('adds nothing twice, however often it passes and however many producers there are', async () => {
    const producer = await memoryProducer()
    const other = freshMemory()
    for (let pass = 0; pass < 4; pass++) await Promise.all([producer.pass(), producer.pass(other)])
    assert.equal((await producer.sweep.queue.counts()).waiting, 6)
  })

  it('asks for a merge when everything is settled, until one covers it', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    for (let index = 0; index < 6; index++) {
      assert.equal(producer.merges.length, 0)
      await settle(producer, index)
    }
    producer.queues.forget()
    await producer.pass()
    assert.equal(producer.merges.length, 1)
    assert.deepEqual(await producer.ports.active.list(), [], 'workers may leave')
    await producer.sweep.ledger.markMerged((await producer.sweep.ledger.summary())!)
    await producer.pass()
    assert.equal(producer.merges.length, 1)
  })

  it('keeps workers on a settled sweep while a job that was retried in the queue waits', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    for (let index = 0; index < 6; index++) await settle(producer, index)
    producer.queues.forget()
    await producer.pass()
    assert.deepEqual(await producer.ports.active.list(), [])
    await producer.sweep.queue.ensure([{ sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0 }])
    await producer.pass()
    assert.deepEqual(
      (await producer.ports.active.list()).map(({ sweep }) => sweep),
      ['small'],
    )
  })

  it('asks for no merge of nothing', async () => {
    const producer = await memoryProducer()
    for (const key of ['farm0_s0', 'farm0_s1', 'farm0_s2', 'farm1_s0', 'farm1_s1', 'farm1_s2'])
      await bury(producer, key)
    await producer.pass()
    assert.equal(producer.merges.length, 0)
  })

  it('makes the ledger anew when Redis still holds that of a deleted sweep of the same name', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    for (let index = 0; index < 6; index++) await settle(producer, index)
    const later = { ...producer.sweep, submittedAt: 2 }
    await reconcile(later, producer.ports, freshMemory())
    assert.deepEqual(await producer.states(), Array(6).fill('pending'))
    assert.equal((await producer.sweep.queue.counts()).waiting, 6)
  })
})
