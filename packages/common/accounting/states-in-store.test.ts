import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smallPlan } from '../../../test/fixtures/small-plan.ts'
import { recordReopening } from '../commits/close-damaged-commit.ts'
import { stateOfCell } from '../ledger/states.ts'
import type { DeadLetter } from '../records/dead-letter.ts'
import { encodeRecord } from '../records/record-codec.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { names } from '../store/names.ts'
import { readStatesInStore } from './states-in-store.ts'

/** What the store says of the first configuration, given what it holds of each epoch. */
async function firstIn(held: { over?: number[]; committed?: number[]; dead?: number[] }) {
  const [plan, store] = [await smallPlan(), createMemoryStore()]
  const [sweep, key] = [plan.sweep, plan.keyAt(0)]
  for (const epoch of held.over ?? [])
    await recordReopening(store, { sweep, key, epoch }, { who: 'somebody', now: 0, reason: 'a rerun' })
  for (const epoch of held.committed ?? []) await store.create(names.result(sweep, key, epoch), Buffer.from('result'))
  for (const epoch of held.dead ?? [])
    await store.create(names.deadLetter(sweep, key, epoch), encodeRecord(letterOf(sweep, key, epoch)))
  const { cells, epochs, deadLetters } = await readStatesInStore(store, plan)
  return { state: stateOfCell(cells[0]!), epoch: epochs.get(0) ?? 0, isDead: deadLetters.has(0) }
}

function letterOf(sweep: string, key: string, epoch: number): DeadLetter {
  const died = { state: 'dead-failed', code: 'OPTIMIZER_FAILED', message: 'no luck', attempts: 2 } as const
  return { schema: 1, sweep, key, epoch, ...died, attempt: 'a', host: 'h', at: new Date(0).toISOString() }
}

test('the live epoch is the lowest that is not over', async () => {
  assert.deepEqual(await firstIn({ over: [0, 1, 2] }), { state: 'pending', epoch: 3, isDead: false })
  // Somebody wrote down the end of an epoch that had not begun: the first is still to be run.
  assert.deepEqual(await firstIn({ over: [1] }), { state: 'pending', epoch: 0, isDead: false })
  assert.deepEqual(await firstIn({ over: [0, 2] }), { state: 'pending', epoch: 1, isDead: false })
})

test('a commit comes before a dead letter of its epoch', async () => {
  assert.deepEqual(await firstIn({ committed: [0], dead: [0] }), { state: 'committed', epoch: 0, isDead: false })
})

test('what epochs that are over left does not count, and neither does what none has come to', async () => {
  assert.deepEqual(await firstIn({ over: [0], committed: [0] }), { state: 'pending', epoch: 1, isDead: false })
  assert.deepEqual(await firstIn({ over: [0], dead: [0] }), { state: 'pending', epoch: 1, isDead: false })
  assert.deepEqual(await firstIn({ committed: [1] }), { state: 'pending', epoch: 0, isDead: false })
  assert.deepEqual(await firstIn({ over: [0], dead: [0, 1] }), { state: 'dead-failed', epoch: 1, isDead: true })
})
