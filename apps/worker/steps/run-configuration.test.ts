import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellOf, failure, goodOutput, memoryWorker, sweepJob } from '../../../test/fixtures/worker-in-memory.ts'
import { runConfiguration } from './run-configuration.ts'

describe('running a configuration', () => {
  it('refuses a job that names another configuration than the manifest does', async () => {
    const worker = await memoryWorker()
    const shutdown = new AbortController().signal
    for (const forged of [
      { sweep: 'small', key: 'farm1_s0', index: 0, manifest: 0 },
      { sweep: 'small', key: 'farm0_s0', index: 99, manifest: 0 },
      { sweep: '../other', key: 'farm0_s0', index: 0, manifest: 0 },
      { sweep: 'other', key: 'farm0_s0', index: 0, manifest: 0 },
      { sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0, command: ['rm'] },
      'nonsense',
    ]) {
      const arrived = { ...sweepJob(forged), sweep: 'small' }
      assert.equal((await runConfiguration(arrived, worker.ports, shutdown)).kind, 'dead')
    }
    assert.equal(worker.ran.length, 0)
  })

  it('asks for a merge with the last settlement, and not before', async () => {
    const worker = await memoryWorker()
    for (let index = 0; index < worker.plan.total; index++) {
      assert.equal(worker.merges.length, 0)
      await worker.run(index)
    }
    assert.equal(worker.merges.length, 1)
    assert.equal(worker.merges[0]!.sweep, 'small')
  })

  it('asks for a merge with the last settlement also where some are dead', async () => {
    const worker = await memoryWorker()
    worker.answer = failure(false)
    await worker.run(0)
    worker.answer = goodOutput
    for (let index = 1; index < worker.plan.total; index++) await worker.run(index)
    assert.equal(worker.merges.length, 1)
  })

  it('waits for a ledger that Redis has lost, then settles what it committed', async () => {
    const worker = await memoryWorker()
    const cells = new Uint8Array(worker.plan.total)
    worker.answer = async (request) => {
      await worker.ledger.remove()
      setTimeout(() => void worker.ledger.create({ manifest: 0, cells, epochs: new Map(), instance: 'second' }), 20)
      return await goodOutput(request)
    }
    assert.equal((await worker.run(0)).kind, 'done')
    assert.equal((await cellOf(worker, 0)).state, 'committed')
  })
})
