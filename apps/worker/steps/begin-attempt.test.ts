import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { namesUnder } from '../../../test/fixtures/names-under.ts'
import {
  cellOf,
  failure,
  goodOutput,
  memoryWorker,
  sweepJob,
  withLedger,
} from '../../../test/fixtures/worker-in-memory.ts'
import { runConfiguration } from './run-configuration.ts'

describe('running a configuration', () => {
  it('begins nothing on a host that is set aside: the job waits for another', async () => {
    const worker = await memoryWorker()
    await worker.ledger.setAside(['host'])
    assert.deepEqual(await worker.run(0), { kind: 'retry', delayMs: 1_000 })
    assert.deepEqual(await cellOf(worker, 0), { state: 'pending', spent: 0 })
    assert.equal(worker.ran.length, 0)
  })

  it('opens the next epoch of a dead configuration whose job is retried, with all attempts', async () => {
    const worker = await memoryWorker()
    worker.answer = failure(false)
    await worker.run(0)
    worker.answer = goodOutput
    assert.equal((await worker.run(0)).kind, 'done')
    assert.deepEqual(await cellOf(worker, 0), { state: 'committed', spent: 1 })
    assert.deepEqual(await namesUnder(worker.store, names.results('small')), [names.result('small', 'farm0_s0', 1)])
    assert.ok(await worker.store.read(names.reopening('small', 'farm0_s0', 0)))
  })

  it('leaves a dead configuration dead whose job came back by itself', async () => {
    const worker = await memoryWorker()
    worker.answer = failure(false)
    await worker.run(0)
    const job = { ...sweepJob({ sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0 }), redelivered: true }
    assert.equal((await runConfiguration(job, worker.ports, new AbortController().signal)).kind, 'dead')
    assert.equal(worker.ran.length, 1)
    assert.equal(await worker.store.read(names.reopening('small', 'farm0_s0', 0)), undefined)
    assert.equal((await cellOf(worker, 0)).state, 'dead-failed')
  })

  it('spends no attempt on an answer of the ledger that was lost', async () => {
    const worker = await memoryWorker()
    let lost = 0
    const begin: typeof worker.ledger.begin = async (request) => {
      const answer = await worker.ledger.begin(request)
      if (lost++ === 0) throw new WindrowError('REDIS_UNAVAILABLE', { message: 'Connection is closed.' })
      return answer
    }
    const job = sweepJob({ sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0 })
    const ports = { ...worker.ports, ...withLedger(worker, { begin }) }
    assert.deepEqual(await runConfiguration(job, ports, new AbortController().signal), {
      kind: 'done',
      value: 'committed',
    })
    assert.deepEqual(await cellOf(worker, 0), { state: 'committed', spent: 1 })
    assert.equal(
      (await namesUnder(worker.store, names.attempts('small', 'farm0_s0'))).filter((name) => name.endsWith('.json'))
        .length,
      1,
    )
  })

  it('records an attempt whose worker was lost, and buries the configuration when it was the last', async () => {
    const worker = await memoryWorker()
    const lost = { index: 0, worker: 'elsewhere/9', budget: 2, now: 0 }
    await worker.ledger.begin({ ...lost, attempt: 'lost-1' })
    await worker.ledger.begin({ ...lost, attempt: 'lost-2' })
    const disposition = await worker.run(0)
    assert.equal(disposition.kind, 'dead')
    assert.equal(worker.ran.length, 0)
    const name = names.attempt('small', 'farm0_s0', 0, 'lost-2')
    const record = decodeRecord(attemptRecordSchema, name, (await worker.store.read(name))!)
    assert.equal(record.outcome, 'lost')
    assert.equal(record.number, 2)
    assert.equal(record.host, 'elsewhere')
    assert.equal((await cellOf(worker, 0)).state, 'dead-failed')
  })

  it('buries nothing that is committed, when the last attempt was lost after its commit', async () => {
    const worker = await memoryWorker()
    await worker.run(0)
    const bytes = (await worker.store.read(names.result('small', 'farm0_s0', 0)))!
    const again = await memoryWorker()
    await again.store.create(names.result('small', 'farm0_s0', 0), bytes)
    const lost = { index: 0, worker: 'elsewhere/9', budget: 2, now: 0 }
    await again.ledger.begin({ ...lost, attempt: 'lost-1' })
    await again.ledger.begin({ ...lost, attempt: 'lost-2' })
    assert.deepEqual(await again.run(0), { kind: 'done', value: 'committed before' })
    assert.equal((await cellOf(again, 0)).state, 'committed')
    assert.equal(await again.store.read(names.deadLetter('small', 'farm0_s0', 0)), undefined)
  })

  it('records everyone who was lost, also one whose successor was lost before it came to that', async () => {
    const worker = await memoryWorker()
    const lost = { index: 0, worker: 'elsewhere/9', budget: 2, now: 0 }
    await worker.ledger.begin({ ...lost, attempt: 'lost-1' })
    await worker.ledger.begin({ ...lost, attempt: 'lost-2' })
    await worker.run(0)
    const numbers: number[] = []
    for (const attempt of ['lost-1', 'lost-2']) {
      const name = names.attempt('small', 'farm0_s0', 0, attempt)
      numbers.push(decodeRecord(attemptRecordSchema, name, (await worker.store.read(name))!).number)
    }
    assert.deepEqual(numbers, [1, 2])
  })

  it('records whoever was lost while another, whom it had taken for lost, came back and committed', async () => {
    const worker = await memoryWorker()
    const lost = { index: 0, budget: 3, now: 0 }
    await worker.ledger.begin({ ...lost, attempt: 'zombie', worker: 'elsewhere/9' })
    await worker.ledger.begin({ ...lost, attempt: 'lost', worker: 'elsewhere/10' })
    await worker.ledger.settle({ index: 0, attempt: 'zombie', epoch: 0, settlement: 'committed' })
    await worker.run(0)
    const read = (attempt: string) => worker.store.read(names.attempt('small', 'farm0_s0', 0, attempt))
    const record = decodeRecord(attemptRecordSchema, 'lost', (await read('lost'))!)
    assert.deepEqual([record.outcome, record.number, record.worker], ['lost', 2, 'elsewhere/10'])
    const next = await worker.ledger.begin({ ...lost, attempt: 'next', worker: 'w/1' })
    assert.deepEqual(next, { outcome: 'committed', epoch: 0, spent: 2, superseded: [] })
  })
})
