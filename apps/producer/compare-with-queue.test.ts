import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { boundLedger } from '../../test/fixtures/bound-ledger.ts'
import { memoryProducer } from '../../test/fixtures/producer-in-memory.ts'
import { reconcile, type SweepInCharge } from './reconcile.ts'

describe('reconciling a sweep', () => {
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
})
