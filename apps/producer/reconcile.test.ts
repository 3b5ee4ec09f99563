import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordAction } from '@windrow/common/accounting/actions.ts'
import { rangesOf } from '@windrow/common/accounting/index-ranges.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { decodeRecord, encodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { boundLedger } from '../../test/fixtures/bound-ledger.ts'
import { boundStore } from '../../test/fixtures/bound-store.ts'
import { type MemoryProducer, memoryProducer } from '../../test/fixtures/producer-in-memory.ts'
import { freshMemory, reconcile, type SweepInCharge } from './reconcile.ts'

const bytes = new Uint8Array([1])
const actor = { who: 'test', host: 'test', now: 0, reason: 'test' }

async function commit({ ports }: MemoryProducer, key: string, epoch = 0): Promise<void> {
  await ports.store.create(names.result('small', key, epoch), bytes)
}

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

const settle = async ({ sweep }: MemoryProducer, index: number) =>
  await sweep.ledger.settle({ index, attempt: 'any', epoch: 0, settlement: 'committed' })

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

  it('settles what is committed when Redis comes back without what it had acknowledged last', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    const lose = producer.imageOfLedger()
    await commit(producer, 'farm0_s0')
    await settle(producer, 0)
    await producer.pass()
    lose()
    assert.equal((await producer.states())[0], 'pending')
    await producer.pass()
    assert.equal((await producer.states())[0], 'committed')
  })

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

  it('gives a job to what is open and has none, when it sees that twice running', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    producer.queues.forget()
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 0, 'counters that differ once may only be late')
    await producer.pass()
    assert.equal((await producer.sweep.queue.counts()).waiting, 6)
  })

  it('takes back what runs nowhere any more, and leaves alone what still beats', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    const { ledger } = producer.sweep
    const request = { worker: 'w', budget: 3, now: producer.now }
    await ledger.begin({ ...request, index: 0, attempt: 'silent' })
    await ledger.begin({ ...request, index: 1, attempt: 'alive' })
    producer.queues.forget()
    producer.now += 60_000
    await ledger.repeatRunning([{ index: 1, attempt: 'alive', epoch: 0, worker: 'w' }], producer.now)
    await producer.pass()
    await producer.pass()
    assert.deepEqual((await producer.states()).slice(0, 2), ['pending', 'running'])
    assert.deepEqual(await producer.sweep.queue.withoutOpenJob(['farm0_s0', 'farm0_s1']), ['farm0_s1'])
    const recordOf = (key: string, attempt: string) =>
      producer.ports.store.read(names.attempt('small', key, 0, attempt))
    const record = decodeRecord(attemptRecordSchema, 'silent', (await recordOf('farm0_s0', 'silent'))!)
    assert.deepEqual([record.outcome, record.number, record.worker], ['lost', 1, 'w'], 'nobody else will record it')
    assert.equal(await recordOf('farm0_s1', 'alive'), undefined)
  })

  it('takes back what a worker left whose clock was ahead, once its beat has stood still for long enough', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    const { ledger } = producer.sweep
    const ahead = () => producer.now + 600_000
    for (const [index, attempt] of ['gone', 'alive'].entries()) {
      await ledger.begin({ worker: 'w', budget: 3, now: ahead(), index, attempt })
    }
    producer.queues.forget()
    const passTwice = async () => {
      await ledger.repeatRunning([{ index: 1, attempt: 'alive', epoch: 0, worker: 'w' }], ahead())
      await producer.pass()
      await producer.pass()
    }
    await passTwice()
    assert.deepEqual((await producer.states()).slice(0, 2), ['running', 'running'], 'nobody can tell yet')
    // The lock of the small sweep, and two beats.
    producer.now += 4_100
    await passTwice()
    assert.deepEqual((await producer.states()).slice(0, 2), ['pending', 'running'])
    assert.deepEqual(await producer.sweep.queue.withoutOpenJob(['farm0_s0', 'farm0_s1']), ['farm0_s1'])
  })

  it('does not take a job that ended between two questions for one that is missing', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    const { ledger } = producer.sweep
    let left = 6
    const asked: number[] = []
    const busy: SweepInCharge = {
      ...producer.sweep,
      ledger: boundLedger(ledger, {
        summary: async () => {
          const summary = await ledger.summary()
          // A worker settles, and only then is its job done.
          if (left > 1) await ledger.settle({ index: --left, attempt: 'any', epoch: 0, settlement: 'committed' })
          return summary
        },
      }),
      queue: {
        ...producer.sweep.queue,
        counts: async () => ({ waiting: left, active: 0, delayed: 0, failed: 0 }),
        withoutOpenJob: async (keys) => {
          asked.push(keys.length)
          return []
        },
      },
    }
    for (let pass = 0; pass < 4; pass++) await reconcile(busy, producer.ports, producer.memory)
    assert.deepEqual(asked, [], 'nothing was missing at any time')
  })

  it('does not run a configuration again that died while the queue was compared', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    producer.queues.forget()
    await producer.pass()
    const { ledger, queue } = producer.sweep
    const ensured: string[] = []
    const dying: SweepInCharge = {
      ...producer.sweep,
      queue: {
        ...queue,
        withoutOpenJob: async (keys) => {
          await ledger.begin({ index: 0, attempt: 'a', worker: 'w', budget: 1, now: producer.now })
          await ledger.settle({ index: 0, attempt: 'a', epoch: 0, settlement: 'dead-failed' })
          return [...keys]
        },
        ensure: async (jobs) => void ensured.push(...jobs.map(({ key }) => key)),
      },
    }
    await reconcile(dying, producer.ports, producer.memory)
    assert.deepEqual(ensured, ['farm0_s1', 'farm0_s2', 'farm1_s0', 'farm1_s1', 'farm1_s2'])
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

  it('hears of commits and epochs that Redis forgot', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    await commit(producer, 'farm0_s0')
    await recordReopening(producer.ports.store, { sweep: 'small', key: 'farm0_s1', epoch: 0 }, actor)
    await producer.pass({ ...producer.memory, compareStore: true })
    assert.equal((await producer.states())[0], 'committed')
    assert.deepEqual([...(await producer.sweep.ledger.epochs())], [[1, 1]])
  })

  it('runs again what the ledger counts as committed and the store no longer holds', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    for (const [index, key] of ['farm0_s0', 'farm0_s1'].entries()) {
      await commit(producer, key)
      await settle(producer, index)
    }
    await producer.ports.store.remove(names.result('small', 'farm0_s1', 0))
    await producer.pass({ ...producer.memory, compareStore: true })
    assert.deepEqual((await producer.states()).slice(0, 2), ['committed', 'pending'])
    assert.deepEqual([...(await producer.sweep.ledger.epochs())], [[1, 1]])
    assert.ok(await producer.ports.store.read(names.reopening('small', 'farm0_s1', 0)))
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

  it('makes the ledger anew when Redis still holds that of a deleted sweep of the same name', async () => {
    const producer = await memoryProducer()
    await producer.pass()
    for (let index = 0; index < 6; index++) await settle(producer, index)
    const later = { ...producer.sweep, submittedAt: 2 }
    await reconcile(later, producer.ports, freshMemory())
    assert.deepEqual(await producer.states(), Array(6).fill('pending'))
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
