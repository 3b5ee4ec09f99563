import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordAction } from '@windrow/common/accounting/actions.ts'
import { setAsideBy } from '@windrow/common/accounting/set-aside.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { packCell } from '@windrow/common/ledger/states.ts'
import { reopeningSchema } from '@windrow/common/records/reopening.ts'
import { names } from '@windrow/common/store/names.ts'
import { isJudged } from '@windrow/common/trials/is-judged.ts'
import type { MemoryProducer } from '../../test/fixtures/producer-in-memory.ts'
import { actionsOf, attempts, cellOf, kindsOf, producerOf, says, tries } from '../../test/fixtures/trials-in-memory.ts'
import { freshMemory } from './reconcile.ts'

/** Four configurations fail on `bad`, the last of them for the second time there, while one succeeds on `good`. */
async function badHostSeen(): Promise<MemoryProducer> {
  const producer = await producerOf()
  for (const index of [0, 1, 2, 3, 3]) await tries(producer, index, 'bad', 'no module')
  await tries(producer, 9, 'good')
  return producer
}

describe('a host that fails by itself', () => {
  it('is set aside, on record, and what failed there is given back: to the open in the ledger, to the dead with an epoch', async () => {
    const producer = await badHostSeen()
    const { ledger } = producer.sweep
    assert.equal(await isJudged(ledger, 4), false)
    await producer.pass()
    assert.equal(await ledger.isSetAside('bad'), true)
    assert.equal(await isJudged(ledger, 4), true)
    const [aside, back, ...more] = await actionsOf(producer)
    assert.deepEqual([aside?.action, aside?.host, aside?.by], ['set-aside', 'bad', 'windrow'])
    assert.match(aside?.reason ?? '', /^its last 5 attempts failed, .*; elsewhere 1 succeeded meanwhile$/)
    assert.deepEqual([back?.action, back?.host, back?.configurations, back?.changed], ['give-back', 'bad', [[0, 3]], 4])
    assert.deepEqual(more, [])
    assert.equal(await cellOf(producer, 0), 'retrying 0')
    assert.equal(await cellOf(producer, 3), 'pending 0')
    const name = names.reopening('small', 'farm0_s3', 0)
    const { reason, by } = reopeningSchema.parse(
      JSON.parse(Buffer.from((await producer.ports.store.read(name))!).toString()),
    )
    assert.deepEqual([reason, by], ['attempts failed on bad, which is set aside', 'windrow'])
    assert.deepEqual([...(await ledger.epochs())], [[3, 1]])
  })

  it('is set aside once, however often and by how many producers it is judged', async () => {
    const producer = await badHostSeen()
    const other = freshMemory()
    for (let pass = 0; pass < 3; pass++) {
      await producer.pass()
      await producer.pass(other)
    }
    assert.deepEqual(await kindsOf(producer), ['set-aside', 'give-back'])
    assert.equal(await cellOf(producer, 0), 'retrying 0')
  })

  it('has what still ran there given back, too, and what ran elsewhere when that has ended', async () => {
    const producer = await badHostSeen()
    const { ledger } = producer.sweep
    const begin = (index: number, attempt: string, worker: string) =>
      ledger.begin({ index, attempt, worker, budget: attempts, now: 1 })
    await begin(5, 'late', 'bad/1')
    await begin(1, 'elsewhere', 'good/1')
    await producer.pass()
    assert.equal(await cellOf(producer, 1), 'running 2', 'not while it runs')
    const late = { host: 'bad', fingerprint: 'no module', blamesHost: true }
    await ledger.settle({ index: 5, attempt: 'late', epoch: 0, settlement: 'retrying', trial: late })
    const own = { host: 'good', fingerprint: 'no luck', blamesHost: true }
    await ledger.settle({ index: 1, attempt: 'elsewhere', epoch: 0, settlement: 'dead-failed', trial: own })
    assert.equal(await isJudged(ledger, 4), false, 'it owes one that was given up')
    await producer.pass()
    assert.equal(await cellOf(producer, 5), 'retrying 0')
    assert.equal(await cellOf(producer, 1), 'pending 0')
    assert.deepEqual(await kindsOf(producer), ['set-aside', 'give-back', 'give-back'])
  })

  it('stays set aside when Redis is emptied, until somebody resumes the sweep; then it counts anew', async () => {
    const producer = await badHostSeen()
    await producer.pass()
    await producer.flush()
    await producer.pass()
    const { ledger } = producer.sweep
    assert.equal(await ledger.isSetAside('bad'), true)
    assert.deepEqual([...(await ledger.epochs())], [[3, 1]], 'what was given back is in the store')
    await says(producer, 'resume')
    await producer.pass()
    assert.equal(await ledger.isSetAside('bad'), false)
    assert.deepEqual((await ledger.trials()).hosts, [])
    assert.deepEqual(setAsideBy(await actionsOf(producer)), [])
  })

  it('goes through with it when it was lost half way', async () => {
    const producer = await badHostSeen()
    const { ports, sweep } = producer
    // On record, but the ledger has not heard of it; of what is owed only the store has.
    await producer.sweep.ledger.setAside([])
    const aside = {
      sweep: 'small',
      action: 'set-aside' as const,
      host: 'bad',
      reason: 'r',
      selector: [],
      by: 'windrow',
    }
    await recordAction(ports.store, aside, { now: 1, id: 'lost' })
    await recordReopening(
      ports.store,
      { sweep: 'small', key: 'farm0_s3', epoch: 0 },
      { who: 'windrow', now: 1, reason: 'r' },
    )
    await producer.pass()
    assert.equal(await sweep.ledger.isSetAside('bad'), true)
    assert.deepEqual(await kindsOf(producer), ['set-aside', 'give-back'])
    assert.equal(await cellOf(producer, 0), 'retrying 0')
    assert.equal(await cellOf(producer, 3), 'pending 0')
  })

  it('is left alone where the policy says so, and where nobody else has succeeded', async () => {
    const lenient = await producerOf('0..29', 'none')
    for (let index = 0; index < 12; index++) await tries(lenient, index, 'bad', 'no module')
    await tries(lenient, 20, 'good')
    await lenient.pass()
    const alone = await producerOf()
    for (let index = 0; index < 12; index++) await tries(alone, index, 'bad', 'no module')
    await alone.pass()
    assert.deepEqual([await kindsOf(lenient), await kindsOf(alone)], [[], []])
  })

  it('is no host on which one poison configuration fails, which burns only its own attempts', async () => {
    const producer = await producerOf()
    for (let round = 0; round < 6; round++) {
      await tries(producer, 0, 'one', 'poison')
      await tries(producer, 0, 'two', 'poison')
      await tries(producer, 10 + round, 'two')
      await producer.pass()
      assert.equal(await cellOf(producer, 0), 'dead-failed 2')
      const reopened = { who: 'anna', now: 1, reason: 'rerun' }
      await recordReopening(producer.ports.store, { sweep: 'small', key: 'farm0_s0', epoch: round }, reopened)
      await producer.sweep.ledger.reopen({ index: 0, epoch: round })
    }
    assert.deepEqual(await kindsOf(producer), [])
    const cells = [...(await producer.sweep.ledger.cells())]
    const touched = cells.filter((cell) => cell !== packCell('pending', 0))
    assert.equal(touched.length, 6, 'the six that succeeded')
    assert.ok(touched.every((cell) => cell === packCell('committed', 1)))
  })
})
