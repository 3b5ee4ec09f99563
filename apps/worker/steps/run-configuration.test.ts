import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { deadLetterSchema } from '@windrow/common/records/dead-letter.ts'
import { quarantineEvidenceSchema } from '@windrow/common/records/quarantine-evidence.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { policyOf } from '@windrow/common/sweep/policy.ts'
import { boundLedger } from '../../../test/fixtures/bound-ledger.ts'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import {
  goodOutput,
  type MemoryWorker,
  memoryWorker,
  output,
  sweepJob,
} from '../../../test/fixtures/worker-in-memory.ts'
import { emptySpool } from '../spooling/empty-spool.ts'
import { runConfiguration } from './run-configuration.ts'

const failure = (canHeal: boolean) => async () => ({
  kind: 'failed' as const,
  code: 'OPTIMIZER_FAILED' as const,
  message: 'no luck',
  canHeal,
  log: new Uint8Array(),
})

async function cellOf({ ledger }: MemoryWorker, index: number): Promise<{ state: string; spent: number }> {
  const cell = (await ledger.cells())[index]!
  return { state: stateOfCell(cell), spent: spentOfCell(cell) }
}

/** The worker's sweeps, with some of what their ledger does replaced. */
function withLedger({ plan, ledger }: MemoryWorker, replaced: Partial<Ledger>) {
  const policy = policyOf(plan.specification)
  return { sweepOf: async () => ({ plan, policy, ledger: boundLedger(ledger, replaced) }) }
}

/** What `windrow salvage` would commit for the first configuration, its AEP as reported. */
async function salvagedBytes({ plan }: MemoryWorker, changes: { aepGWh?: number } = {}): Promise<Uint8Array> {
  const problem = problemOf(plan.at(0), plan.specification)
  const salvaged = { file: 'worker_1.h5', place: 'row 3', sha256: 'ab'.repeat(32), aep: 'as-reported' } as const
  return encodeResult({ ...resultOf(problem, plan.digestAt(0), { ...optimize(problem), ...changes }), salvaged })
}

async function namesUnder(store: Store, prefix: string): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list(prefix)) found.push(name)
  return found.sort()
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

  it('begins nothing on a host that is set aside: the job waits for another', async () => {
    const worker = await memoryWorker()
    await worker.ledger.setAside(['host'])
    assert.deepEqual(await worker.run(0), { kind: 'retry', delayMs: 1_000 })
    assert.deepEqual(await cellOf(worker, 0), { state: 'pending', spent: 0 })
    assert.equal(worker.ran.length, 0)
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
