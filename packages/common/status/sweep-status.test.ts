import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fate, type SweepInStore, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { readStatesInStore } from '../accounting/states-in-store.ts'
import { createMemoryLedger } from '../ledger/memory-ledger.ts'
import { names } from '../store/names.ts'
import { readSweepStatus } from './sweep-status.ts'

const { store, submitted } = await sweepInStore()
const nowMs = Date.parse('2026-01-15T12:02:00Z')

async function ledgerFromStore(instance = 'one') {
  const ledger = createMemoryLedger('small')
  const { cells, epochs } = await readStatesInStore(store, submitted.plan)
  await ledger.create({ manifest: 0, cells, epochs, instance })
  return ledger
}

const statusWith = async (ledger?: Awaited<ReturnType<typeof ledgerFromStore>>, known?: Known) =>
  await readSweepStatus({ store, ledger }, submitted, { nowMs, known })
type Known = Awaited<ReturnType<typeof readSweepStatus>>['states']

test('the store alone tells states, causes and the merged file, and says that it is the source', async () => {
  const { status } = await statusWith()
  assert.equal(status.source, 'store')
  assert.deepEqual(
    [status.counts.committed, status.counts.dead, status.counts.quarantined, status.counts.pending],
    [5, 1, 1, 1],
  )
  assert.deepEqual(
    status.failures.byCause.map(({ name, count, of }) => [name, count, of]),
    [
      ['ATTEMPT_MEMORY', 1, 3],
      ['ATTEMPT_TIMEOUT', 1, 3],
      ['OUTPUT_CORRUPT (truncated)', 1, 3],
    ],
  )
  assert.deepEqual(status.failures.byAxis, [{ field: 'farm_idx', value: 1, failures: 3, ofFailures: 3, ofTried: 4 }])
  assert.deepEqual([status.generation?.number, status.generation?.merged, status.generation?.expected], [1, 5, 8])
  assert.deepEqual([status.complete, status.mergeDue, status.rate], [false, false, undefined])
})

test('a ledger adds what runs, attempts spent, and a rate with a range of time left', async () => {
  const ledger = await ledgerFromStore()
  const index = submitted.plan.indexOf(fate.retrying)!
  // The attempt that the store has on record, then the present one.
  await ledger.begin({ index, attempt: 'a1', worker: 'node7/1', budget: 2, now: nowMs })
  await ledger.settle({ index, attempt: 'a1', epoch: 0, settlement: 'retrying' })
  await ledger.begin({ index, attempt: 'a2', worker: 'node7/1', budget: 2, now: nowMs })
  const { status } = await statusWith(ledger)
  assert.equal(status.source, 'ledger')
  assert.deepEqual([status.counts.running, status.counts.pending, status.attempts.spent], [1, 0, 2])
  assert.deepEqual(status.warnings, [])
  const { rate } = status
  assert.ok(rate && rate.perMinute > 0)
  assert.ok(rate.lowMs! > 0 && rate.highMs! > rate.lowMs!)
})

test('attempts the ledger has forgotten tell that Redis was lost', async () => {
  const { status } = await statusWith(await ledgerFromStore())
  assert.match(status.warnings.join(), /Redis was lost.*attempts were granted again \(1 configuration\)/)
})

test('another ledger than at the last look tells that Redis was lost', async () => {
  const { states } = await statusWith(await ledgerFromStore('one'))
  const { status } = await statusWith(await ledgerFromStore('two'), states)
  assert.match(status.warnings.join(), /Redis was lost/)
})

test('a Redis without the ledger is said, and the store answers', async () => {
  const { status } = await statusWith(createMemoryLedger('small'))
  assert.equal(status.source, 'store')
  assert.match(status.warnings.join(), /holds no ledger of this sweep/)
})

test('a Redis that does not answer is said', async () => {
  const trouble = 'Redis at /x does not answer.'
  const { status } = await readSweepStatus({ store, trouble }, submitted, { nowMs })
  assert.match(status.warnings.join(), /does not answer.*from the store alone/)
})

test('a commit that no generation holds makes a merge due', async () => {
  const other: SweepInStore = await sweepInStore()
  const bytes = await store.read(names.result('small', 'farm0_s0', 0))
  await other.store.create(names.result('small', fate.retrying, 0), bytes!)
  const { status } = await readSweepStatus({ store: other.store }, other.submitted, { nowMs })
  assert.deepEqual([status.counts.committed, status.mergeDue, status.complete], [6, true, false])
})
