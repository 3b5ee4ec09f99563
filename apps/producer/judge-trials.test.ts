import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readActions, recordAction } from '@windrow/common/accounting/actions.ts'
import { setAsideBy } from '@windrow/common/accounting/set-aside.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import type { Settlement } from '@windrow/common/ledger/ledger.ts'
import { packCell, spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import { reopeningSchema } from '@windrow/common/records/reopening.ts'
import { names } from '@windrow/common/store/names.ts'
import { isJudged } from '@windrow/common/trials/is-judged.ts'
import { type MemoryProducer, memoryProducer } from '../../test/fixtures/producer-in-memory.ts'
import { smallAxes } from '../../test/fixtures/small-sweep.ts'
import { freshMemory } from './reconcile.ts'

const attempts = 2

/** A producer of 60 configurations with two attempts each, its ledger made. */
async function producerOf(seeds = '0..29', badHost: number | 'none' = 4): Promise<MemoryProducer> {
  const policy = { attempts, backoff: '100ms..200ms', lock: '2s', bad_host: badHost }
  const producer = await memoryProducer({}, { axes: smallAxes(seeds), policy })
  await producer.pass()
  return producer
}

/** One attempt, from its beginning to its end, on record as a worker puts it there. */
async function tries({ sweep, ports }: MemoryProducer, index: number, on: string, fails?: string): Promise<void> {
  const { ledger, plan } = sweep
  const attempt = ports.randomness.id()
  const begun = await ledger.begin({ index, attempt, worker: `${on}/1`, budget: attempts, now: ports.clock.now() })
  assert.equal(begun.outcome, 'begun')
  const { epoch } = begun
  const number = 'spent' in begun ? begun.spent : 1
  const key = plan.keyAt(index)
  const at = new Date(ports.clock.now()).toISOString()
  const facts =
    fails === undefined ? { outcome: 'valid' } : { outcome: 'failed', code: 'OPTIMIZER_FAILED', message: fails }
  const record = {
    ...{ schema: 1, sweep: plan.sweep, key, epoch, attempt, number, host: on, worker: `${on}/1` },
    ...{ startedAt: at, endedAt: at, ...facts },
  } as AttemptRecord
  await ports.store.create(names.attempt(plan.sweep, key, epoch, attempt), encodeRecord(record))
  if (fails === undefined) await ports.store.create(names.result(plan.sweep, key, epoch), new Uint8Array([1]))
  const settlement: Settlement = fails === undefined ? 'committed' : number < attempts ? 'retrying' : 'dead-failed'
  if (settlement === 'dead-failed') {
    const letter = {
      schema: 1,
      sweep: plan.sweep,
      key,
      epoch,
      state: settlement,
      code: 'OPTIMIZER_FAILED',
      message: fails,
    }
    const name = names.deadLetter(plan.sweep, key, epoch)
    await ports.store.create(name, encodeRecord({ ...letter, attempts: number, attempt, host: on, at }))
  }
  const trial = fails === undefined ? { host: on } : { host: on, fingerprint: fails, blamesHost: true }
  await ledger.settle({ index, attempt, epoch, settlement, trial })
}

const actionsOf = async ({ ports }: MemoryProducer) => (await readActions(ports.store, 'small')).actions
const kindsOf = async (producer: MemoryProducer) => (await actionsOf(producer)).map(({ action }) => action)
async function cellOf({ sweep }: MemoryProducer, index: number): Promise<string> {
  const cell = (await sweep.ledger.cells())[index]!
  return `${stateOfCell(cell)} ${spentOfCell(cell)}`
}
async function says({ ports }: MemoryProducer, action: 'resume' | 'rerun'): Promise<void> {
  const now = ports.clock.now() + 1
  await recordAction(
    ports.store,
    { sweep: 'small', action, selector: [], by: 'anna' },
    { now, id: ports.randomness.id() },
  )
}

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
