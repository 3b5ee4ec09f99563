import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MemoryWorker, memoryWorker } from '../../../test/fixtures/worker-in-memory.ts'
import { beat } from './beat.ts'

/** Begins an attempt of each of these configurations; tells which have been stopped. */
async function running(worker: MemoryWorker, indices: readonly number[]): Promise<number[]> {
  const stopped: number[] = []
  for (const index of indices) {
    const attempt = `ours-${index}`
    await worker.ledger.begin({ index, attempt, worker: worker.ports.worker, budget: 2, now: 0 })
    worker.ports.running.add({
      ...{ sweep: worker.plan.sweep, index, attempt, epoch: 0, worker: worker.ports.worker },
      stop: () => void stopped.push(index),
    })
  }
  return stopped
}

test('a beat stops the attempt whose configuration somebody else holds by now, and no other', async () => {
  const worker = await memoryWorker()
  const stopped = await running(worker, [0, 1])
  await worker.ledger.begin({ index: 1, attempt: 'theirs', worker: 'elsewhere/1', budget: 2, now: 1 })
  await beat(worker.ports, worker.ports.running)
  assert.deepEqual(stopped, [1])
})

test('a beat stops nothing while the ledger is being rebuilt, and what runs is adopted by the new one', async () => {
  const worker = await memoryWorker()
  const stopped = await running(worker, [0])
  await worker.ledger.remove()
  await beat(worker.ports, worker.ports.running)
  await worker.ledger.create({
    ...{ manifest: 0, cells: new Uint8Array(worker.plan.total), epochs: new Map() },
    instance: 'second',
  })
  await beat(worker.ports, worker.ports.running)
  assert.deepEqual(stopped, [])
  assert.deepEqual(
    (await worker.ledger.running()).map(({ attempt }) => attempt),
    ['ours-0'],
  )
})
