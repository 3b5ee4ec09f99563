import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { createMemoryLedger } from '@windrow/common/ledger/memory-ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { actionSchema } from '@windrow/common/records/action.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { reopeningSchema } from '@windrow/common/records/reopening.ts'
import { names } from '@windrow/common/store/names.ts'
import { fate, type SweepInStore, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { type RerunRequest, rerunConfigurations } from './rerun-configurations.ts'

const actor = { who: 'anna@desk', host: 'desk', now: Date.parse('2026-02-01T00:00:00Z') }

function rerun({ store, submitted }: SweepInStore, request: Partial<RerunRequest> = {}) {
  return rerunConfigurations({ store, plan: submitted.plan, selector: [], actor, actionId: 'x1', ...request })
}

async function stateOf({ store, submitted }: SweepInStore, key: string) {
  const { cells, epochs } = await readStatesInStore(store, submitted.plan)
  const index = submitted.plan.indexOf(key)!
  return [stateOfCell(cells[index]!), epochs.get(index) ?? 0]
}

test('opens the next epoch of everything dead and leaves the rest alone, counted', async () => {
  const sweep = await sweepInStore()
  const counts = { total: 8, selected: 8, reopened: 2, forced: 0, committed: 5, open: 1, cancelled: 0, wantedAgain: 0 }
  assert.deepEqual(await rerun(sweep, { reason: 'more memory' }), counts)
  assert.deepEqual(await stateOf(sweep, fate.dead), ['pending', 1])
  assert.deepEqual(await stateOf(sweep, fate.quarantined), ['pending', 1])
  assert.deepEqual(await stateOf(sweep, 'farm0_s0'), ['committed', 0])
  const name = names.reopening('small', fate.dead, 0)
  const { by, reason } = decodeRecord(reopeningSchema, name, (await sweep.store.read(name))!)
  assert.deepEqual([by, reason], ['anna@desk', 'more memory'])
})

test('repeating it changes nothing and records no further action', async () => {
  const sweep = await sweepInStore()
  await rerun(sweep)
  assert.equal((await rerun(sweep, { actionId: 'x2' })).reopened, 0)
  const actions: string[] = []
  for await (const { name } of sweep.store.list(names.actions('small'))) actions.push(name)
  assert.deepEqual(actions.filter((name) => /x\d/.test(name)).length, 1)
})

test('records who reran what, and how many changed', async () => {
  const sweep = await sweepInStore()
  await rerun(sweep, { selector: ['error~memory'], reason: 'bigger hosts' })
  const name = names.action('small', actor.now, 'x1')
  const { action, selector, changed, by, reason } = decodeRecord(actionSchema, name, (await sweep.store.read(name))!)
  assert.deepEqual(
    { action, selector, changed, by, reason },
    {
      ...{ action: 'rerun', selector: ['error~memory'], changed: 1, by: 'anna@desk', reason: 'bigger hosts' },
    },
  )
  assert.deepEqual(await stateOf(sweep, fate.quarantined), ['dead-corrupt', 0])
})

test('the ledger learns of it', async () => {
  const sweep = await sweepInStore()
  const ledger = createMemoryLedger('small')
  const { cells, epochs } = await readStatesInStore(sweep.store, sweep.submitted.plan)
  await ledger.create({ manifest: 0, cells, epochs, instance: 'one' })
  assert.equal((await rerun(sweep, { ledger })).reopened, 2)
  const { counts } = (await ledger.summary())!
  assert.deepEqual([counts.pending, counts['dead-failed'], counts['dead-corrupt']], [3, 0, 0])
  assert.equal((await ledger.epochs()).get(sweep.submitted.plan.indexOf(fate.dead)!), 1)
})

test('takes only the keys of a file', async () => {
  const sweep = await sweepInStore()
  const outcome = await rerun(sweep, { from: { name: 'missing.csv', keys: [fate.dead, 'farm0_s0'] } })
  assert.deepEqual([outcome.selected, outcome.reopened, outcome.committed], [2, 1, 1])
  assert.deepEqual(await stateOf(sweep, fate.quarantined), ['dead-corrupt', 0])
})

test('a key the sweep does not have stops it before anything is changed', async () => {
  const sweep = await sweepInStore()
  const from = { name: 'missing.csv', keys: [fate.dead, 'farm7_s0'] }
  await assert.rejects(rerun(sweep, { from }), (error) => {
    return isWindrowError(error, 'CONFIGURATION_UNKNOWN') && /1 of 2 .* farm7_s0/.test(error.message)
  })
  assert.deepEqual(await stateOf(sweep, fate.dead), ['dead-failed', 0])
})

test('forced, committed configurations of the selection run again in a new epoch', async () => {
  const sweep = await sweepInStore()
  const outcome = await rerun(sweep, { selector: ['farm_idx=0 seed=0..1'], force: { reason: 'wrong site' } })
  assert.deepEqual([outcome.selected, outcome.reopened, outcome.forced, outcome.committed], [2, 0, 2, 0])
  assert.deepEqual(await stateOf(sweep, 'farm0_s1'), ['pending', 1])
  assert.deepEqual(await stateOf(sweep, 'farm0_s2'), ['committed', 0])
})

test('force without a selection is refused', async () => {
  const sweep = await sweepInStore()
  await assert.rejects(rerun(sweep, { force: { reason: 'all' } }), (error) => isWindrowError(error, 'USAGE'))
  assert.deepEqual(await stateOf(sweep, 'farm0_s0'), ['committed', 0])
})

test('a selector with an unknown field names those there are', async () => {
  const sweep = await sweepInStore()
  await assert.rejects(rerun(sweep, { selector: ['farm_id=1'] }), /Did you mean farm_idx/)
})
