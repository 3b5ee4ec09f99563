import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goodOutput, memoryWorker, output } from '../../../test/fixtures/worker-in-memory.ts'

const log = new Uint8Array()
const failed = async () =>
  ({ kind: 'failed', code: 'ATTEMPT_MEMORY', message: 'too much', canHeal: true, log }) as const

describe('the observer of attempts', () => {
  it('hears of every attempt once, of its commit, and of the death that ends an epoch', async () => {
    const worker = await memoryWorker()
    await worker.run(0)
    worker.answer = failed
    await worker.run(1)
    await worker.run(1)
    worker.answer = async () => output(new Uint8Array(7))
    await worker.run(2)
    assert.deepEqual(worker.observed, [
      ...['valid', 'commit created'],
      ...['failed ATTEMPT_MEMORY', 'failed ATTEMPT_MEMORY', 'died of ATTEMPT_MEMORY'],
      ...['refused too-small', 'corrupt OUTPUT_CORRUPT'],
    ])
  })

  it('hears of nothing that was committed before', async () => {
    const worker = await memoryWorker()
    await worker.run(0)
    await worker.run(0)
    assert.deepEqual(worker.observed, ['valid', 'commit created'])
  })

  it('hears of an attempt that was handed back, and of one that was lost with its worker', async () => {
    const worker = await memoryWorker()
    worker.answer = async () => ({ kind: 'stopped', log })
    await worker.run(0)
    worker.answer = goodOutput
    await worker.ledger.begin({ index: 1, attempt: 'theirs', worker: 'other/9', budget: 2, now: 0 })
    await worker.run(1)
    assert.deepEqual(worker.observed, ['handed-back', 'lost', 'valid', 'commit created'])
  })
})
