import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { names } from '@windrow/common/store/names.ts'
import { commit, memoryProducer, settle } from '../../test/fixtures/producer-in-memory.ts'

const actor = { who: 'test', host: 'test', now: 0, reason: 'test' }

describe('reconciling a sweep', () => {
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
})
