import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MemoryProducer } from '../../test/fixtures/producer-in-memory.ts'
import { actionsOf, attempts, cellOf, kindsOf, producerOf, says, tries } from '../../test/fixtures/trials-in-memory.ts'

describe('a sweep that fails everywhere in the same way', () => {
  const message = (index: number) => `no module named floris (run ${index})`
  async function fails(producer: MemoryProducer, from: number, to: number, on = ['one', 'two']): Promise<void> {
    for (let index = from; index < to; index++) {
      await tries(producer, index, on[index % on.length]!, message(0))
    }
  }

  it('pauses itself after its first twenty attempts, and says why, with an example', async () => {
    const producer = await producerOf()
    await fails(producer, 0, 19)
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), false)
    await fails(producer, 19, 20)
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), true)
    const [pause, ...more] = await actionsOf(producer)
    assert.deepEqual([pause?.action, pause?.by, pause?.fingerprint], ['pause', 'windrow', message(0)])
    assert.equal(pause?.reason, `20 attempts in a row failed alike on 2 hosts, and none succeeded: ${message(0)}`)
    const example = { key: 'farm0_s19', code: 'OPTIMIZER_FAILED', message: message(0), host: 'two' }
    assert.deepEqual(pause?.example, example)
    assert.deepEqual(more, [])
    assert.equal(await cellOf(producer, 0), 'retrying 1', 'every attempt stays spent')
    for (let pass = 0; pass < 3; pass++) await producer.pass()
    assert.equal((await actionsOf(producer)).length, 1)
  })

  it('counts anew when it is resumed', async () => {
    const producer = await producerOf()
    await fails(producer, 0, 25)
    await producer.pass()
    // These ran when it was paused.
    await fails(producer, 25, 29)
    await says(producer, 'resume')
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), false)
    await fails(producer, 29, 48)
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), false, 'nineteen since')
    await fails(producer, 48, 49)
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), true)
    assert.deepEqual(await kindsOf(producer), ['pause', 'resume', 'pause'])
  })

  it('stays paused when Redis is emptied', async () => {
    const producer = await producerOf()
    await fails(producer, 0, 20)
    await producer.pass()
    await producer.flush()
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), true)
    assert.deepEqual(await kindsOf(producer), ['pause'])
  })

  it('of which something is committed needs fifty in a row', async () => {
    const producer = await producerOf()
    await tries(producer, 59, 'one')
    await fails(producer, 0, 49)
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), false)
    await fails(producer, 49, 50)
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), true)
  })

  it('goes on while another host has not come to a verdict, and pauses when that fails, too', async () => {
    const producer = await producerOf()
    const { ledger } = producer.sweep
    await ledger.begin({ index: 50, attempt: 'long', worker: 'slow/1', budget: attempts, now: 1 })
    await fails(producer, 0, 30, ['quick'])
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), false)
    const trial = { host: 'slow', fingerprint: message(0), blamesHost: true }
    await ledger.settle({ index: 50, attempt: 'long', epoch: 0, settlement: 'retrying', trial })
    await producer.pass()
    assert.equal(await producer.sweep.queue.isPaused(), true)
  })

  it('never pauses itself with fewer than twenty attempts in all, however often they are tried again', async () => {
    const producer = await producerOf('0..3')
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let index = 0; index < 7; index++) {
        for (let attempt = 0; attempt < attempts; attempt++) await tries(producer, index, 'one', 'no module')
        await producer.sweep.ledger.reopen({ index, epoch })
      }
    }
    assert.equal((await producer.sweep.ledger.trials()).row?.failures, 42)
    await producer.pass()
    assert.deepEqual(await kindsOf(producer), [])
  })
})
