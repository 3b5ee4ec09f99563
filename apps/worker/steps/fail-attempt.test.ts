import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deadLetterSchema } from '@windrow/common/records/dead-letter.ts'
import { quarantineEvidenceSchema } from '@windrow/common/records/quarantine-evidence.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import { names } from '@windrow/common/store/names.ts'
import { policyOf } from '@windrow/common/sweep/policy.ts'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import { namesUnder } from '../../../test/fixtures/names-under.ts'
import {
  cellOf,
  failure,
  goodOutput,
  memoryWorker,
  output,
  sweepJob,
  withLedger,
} from '../../../test/fixtures/worker-in-memory.ts'
import { runConfiguration } from './run-configuration.ts'

describe('running a configuration', () => {
  it('tries again after a pause while attempts are left, then writes a dead letter', async () => {
    const worker = await memoryWorker()
    worker.answer = failure(true)
    const first = await worker.run(0)
    assert.equal(first.kind, 'retry')
    assert.deepEqual(await cellOf(worker, 0), { state: 'retrying', spent: 1 })
    const second = await worker.run(0)
    assert.equal(second.kind, 'dead')
    const name = names.deadLetter('small', 'farm0_s0', 0)
    const letter = decodeRecord(deadLetterSchema, name, (await worker.store.read(name))!)
    assert.equal(letter.code, 'OPTIMIZER_FAILED')
    assert.equal(letter.attempts, 2)
    assert.equal((await cellOf(worker, 0)).state, 'dead-failed')
  })

  it('tells the ledger what an attempt shows of its host, and wakes who judges when it may decide', async () => {
    const worker = await memoryWorker()
    const { plan, ledger } = worker
    const policy = { ...policyOf(plan.specification), badHost: 2 }
    const ports = { ...worker.ports, sweepOf: async () => ({ plan, policy, ledger }) }
    const run = (index: number) => {
      const job = sweepJob({ sweep: plan.sweep, key: plan.keyAt(index), index, manifest: 0 })
      return runConfiguration(job, ports, new AbortController().signal)
    }
    worker.answer = failure(true)
    await run(0)
    await run(0)
    assert.deepEqual(worker.woken, [], 'one configuration that fails twice')
    await run(1)
    assert.deepEqual(worker.woken, ['small'])
    worker.answer = failure(false)
    await run(2)
    const { failed, row, hosts } = await ledger.trials()
    assert.deepEqual([failed, row?.failures, row?.fingerprint], [4, 4, 'OPTIMIZER_FAILED: no luck'])
    assert.deepEqual(hosts[0]?.configurations, [0, 1], 'what cannot heal blames no host')
    worker.answer = goodOutput
    await run(3)
    assert.deepEqual((await ledger.trials()).hosts, [])
    await run(3)
    assert.equal((await ledger.trials()).succeeded, 1)
  })

  it('does not repeat what cannot heal', async () => {
    const worker = await memoryWorker()
    worker.answer = failure(false)
    assert.equal((await worker.run(0)).kind, 'dead')
    assert.equal(worker.ran.length, 1)
  })

  it('quarantines an output that does not validate, with its bytes and the evidence', async () => {
    const worker = await memoryWorker()
    worker.answer = async () => output(new Uint8Array(7))
    assert.equal((await worker.run(0)).kind, 'retry')
    assert.equal((await worker.run(0)).kind, 'dead')
    assert.equal((await cellOf(worker, 0)).state, 'dead-corrupt')
    const kept = await namesUnder(worker.store, names.quarantine('small'))
    assert.equal(kept.length, 4)
    const evidenceName = kept.find((name) => name.endsWith('.json'))!
    const evidence = decodeRecord(quarantineEvidenceSchema, evidenceName, (await worker.store.read(evidenceName))!)
    assert.equal(evidence.reason, 'too-small')
    assert.equal(evidence.bytes, 7)
    assert.deepEqual(await namesUnder(worker.store, names.results('small')), [])
  })

  it('gives nothing up before what is left of it is in the store: quarantine, record, dead letter', async () => {
    const store = createMemoryStore()
    const stood: [folder: string, state: string][] = []
    const watched = boundStore(store, {
      create: async (name, bytes) => {
        stood.push([name.split('/')[2]!, (await cellOf(worker, 0)).state])
        return await store.create(name, bytes)
      },
    })
    const worker = await memoryWorker({ store: watched })
    worker.answer = async () => output(new Uint8Array(7))
    await worker.run(0)
    await worker.run(0)
    const refused = ['quarantine', 'quarantine', 'attempts', 'attempts'].map((folder) => [folder, 'running'])
    assert.deepEqual(stood, [...refused, ...refused, ['dead', 'running']])
  })

  it('hands a running job back unspent when it drains', async () => {
    const worker = await memoryWorker()
    const drain = new AbortController()
    worker.answer = async (_request, signal) => {
      drain.abort()
      assert.equal(signal.aborted, true)
      return { kind: 'stopped', log: new Uint8Array() }
    }
    assert.deepEqual(await worker.run(0, drain.signal), { kind: 'hand-back' })
    assert.deepEqual(await cellOf(worker, 0), { state: 'pending', spent: 0 })
  })

  it('has the attempt on record before it gives it back', async () => {
    const worker = await memoryWorker()
    const drain = new AbortController()
    let recorded: string[] | undefined
    const settle: typeof worker.ledger.settle = async (request) => {
      if (request.settlement === 'handed-back') {
        recorded = await namesUnder(worker.store, names.attempts('small', 'farm0_s0'))
      }
      return await worker.ledger.settle(request)
    }
    worker.answer = async () => {
      drain.abort()
      return { kind: 'stopped', log: new Uint8Array() }
    }
    const job = sweepJob({ sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0 })
    await runConfiguration(job, { ...worker.ports, ...withLedger(worker, { settle }) }, drain.signal)
    assert.equal(recorded?.length, 1)
  })
})
