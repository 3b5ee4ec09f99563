import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { quarantineEvidenceSchema } from '@windrow/common/records/quarantine-evidence.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import { namesUnder } from '../../../test/fixtures/names-under.ts'
import { cellOf, goodOutput, type MemoryWorker, memoryWorker, output } from '../../../test/fixtures/worker-in-memory.ts'
import { emptySpool } from '../spooling/empty-spool.ts'

/** What `windrow salvage` would commit for the first configuration, its AEP as reported. */
async function salvagedBytes({ plan }: MemoryWorker, changes: { aepGWh?: number } = {}): Promise<Uint8Array> {
  const problem = problemOf(plan.at(0), plan.specification)
  const salvaged = { file: 'worker_1.h5', place: 'row 3', sha256: 'ab'.repeat(32), aep: 'as-reported' } as const
  return encodeResult({ ...resultOf(problem, plan.digestAt(0), { ...optimize(problem), ...changes }), salvaged })
}

describe('running a configuration', () => {
  it('commits a valid result, with the attempt on record before it', async () => {
    const order: string[] = []
    const store = createMemoryStore()
    const create: Store['create'] = (name, bytes) => {
      order.push(name)
      return store.create(name, bytes)
    }
    const watched = boundStore(store, { create })
    const worker = await memoryWorker({ store: watched })
    assert.deepEqual(await worker.run(0), { kind: 'done', value: 'committed' })
    assert.equal((await cellOf(worker, 0)).state, 'committed')
    const kinds = order.map((name) => name.split('/')[2])
    assert.deepEqual(kinds, ['attempts', 'results'])
    const [recordName] = order
    const record = decodeRecord(attemptRecordSchema, recordName!, (await store.read(recordName!))!)
    assert.equal(record.outcome, 'valid')
    assert.equal(record.number, 1)
  })

  it('runs nothing that is committed already, and tells a ledger that had not heard of it', async () => {
    const worker = await memoryWorker()
    await worker.run(0)
    await worker.ledger.remove()
    await worker.ledger.create({
      manifest: 0,
      cells: new Uint8Array(worker.plan.total),
      epochs: new Map(),
      instance: 'second',
    })
    assert.deepEqual(await worker.run(0), { kind: 'done', value: 'committed before' })
    assert.equal(worker.ran.length, 1)
    assert.equal((await cellOf(worker, 0)).state, 'committed')
  })

  it('leaves alone what was salvaged with the AEP that was reported', async () => {
    const worker = await memoryWorker()
    await worker.store.create(names.result('small', 'farm0_s0', 0), await salvagedBytes(worker, { aepGWh: 1.5 }))
    assert.deepEqual(await worker.run(0), { kind: 'done', value: 'committed before' })
    assert.equal(worker.ran.length, 0)
  })

  it('refuses an output that says it was salvaged, so that none passes by without its AEP evaluated', async () => {
    const worker = await memoryWorker()
    worker.answer = async () => output(await salvagedBytes(worker))
    assert.equal((await worker.run(0)).kind, 'retry')
    const [evidenceName] = (await namesUnder(worker.store, names.quarantine('small'))).filter((name) =>
      /json$/.test(name),
    )
    const evidence = decodeRecord(quarantineEvidenceSchema, evidenceName!, (await worker.store.read(evidenceName!))!)
    assert.match(`${evidence.reason}: ${evidence.detail}`, /^wrong-type: The result says that it was salvaged/)
  })

  it('keeps a finished result in the spool while the store is away, and neither recomputes nor spends an attempt', async () => {
    const store = createMemoryStore()
    let away = 6
    const failing = boundStore(store, {
      create: async (name, bytes) => {
        if (name.includes('/results/') && away-- > 0) {
          assert.equal((await worker.spool.waiting()).length, away === 5 ? 0 : 1)
          throw new WindrowError('STORE_UNAVAILABLE', { message: 'the share is not mounted' })
        }
        return await store.create(name, bytes)
      },
    })
    const worker = await memoryWorker({ store: failing })
    assert.equal((await worker.run(0)).kind, 'done')
    assert.equal(worker.ran.length, 1)
    assert.deepEqual(await cellOf(worker, 0), { state: 'committed', spent: 1 })
    assert.deepEqual(await worker.spool.waiting(), [])
    assert.deepEqual(worker.gateChanges, [false, true], 'the gate was shut, then opened')
  })

  it('hands the job back when it drains during an outage, and brings the result home from the spool later', async () => {
    const store = createMemoryStore()
    let away = true
    const failing = boundStore(store, {
      create: async (name, bytes) => {
        if (name.includes('/results/') && away) throw new WindrowError('STORE_UNAVAILABLE', { message: 'gone' })
        return await store.create(name, bytes)
      },
    })
    const worker = await memoryWorker({ store: failing })
    const drain = new AbortController()
    setTimeout(() => drain.abort(), 20)
    assert.deepEqual(await worker.run(0, drain.signal), { kind: 'hand-back' })
    assert.deepEqual(await cellOf(worker, 0), { state: 'pending', spent: 0 })
    away = false
    assert.equal(await emptySpool(worker.ports, new AbortController().signal), 1)
    assert.equal((await cellOf(worker, 0)).state, 'committed')
    assert.deepEqual(await worker.run(0), { kind: 'done', value: 'committed' })
    assert.equal(worker.ran.length, 1)
  })

  it('closes the epoch of a damaged commit and runs the configuration again', async () => {
    const worker = await memoryWorker()
    await worker.store.create(names.result('small', 'farm0_s0', 0), new Uint8Array(4000))
    assert.equal((await worker.run(0)).kind, 'done')
    assert.equal(worker.ran.length, 1)
    assert.ok(await worker.store.read(names.result('small', 'farm0_s0', 1)))
    assert.ok(await worker.store.read(names.reopening('small', 'farm0_s0', 0)))
    assert.equal((await namesUnder(worker.store, names.quarantine('small'))).length, 2)
  })

  it('leaves the first commit alone when another attempt was quicker', async () => {
    const worker = await memoryWorker()
    let first: Uint8Array | undefined
    worker.answer = async (request) => {
      const answer = await goodOutput(request)
      assert.ok(answer.kind === 'output')
      first = answer.bytes
      await worker.store.create(names.result('small', 'farm0_s0', 0), answer.bytes)
      return answer
    }
    assert.equal((await worker.run(0)).kind, 'done')
    assert.deepEqual(await worker.store.read(names.result('small', 'farm0_s0', 0)), first)
  })

  it('closes the epoch when what took its name meanwhile is damaged, and runs the configuration again', async () => {
    const worker = await memoryWorker()
    const name = names.result('small', 'farm0_s0', 0)
    worker.answer = async (request) => {
      // Somebody else was quicker, and the disk bad.
      await worker.store.create(name, new Uint8Array(4000))
      return await goodOutput(request)
    }
    assert.equal((await worker.run(0)).kind, 'done')
    assert.equal(worker.ran.length, 2)
    assert.ok(await worker.store.read(names.reopening('small', 'farm0_s0', 0)))
    assert.ok(await worker.store.read(names.result('small', 'farm0_s0', 1)))
    assert.equal((await cellOf(worker, 0)).state, 'committed')
  })
})
