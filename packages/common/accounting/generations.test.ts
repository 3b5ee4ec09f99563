import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Generation } from '../records/generation.ts'
import { encodeRecord } from '../records/record-codec.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { names } from '../store/names.ts'
import { currentGeneration, readGenerations } from './generations.ts'

const file = { name: 'layouts.h5', sha256: '', bytes: 1 }

function generation(number: number, { at, complete }: { at: string; complete: boolean }): Generation {
  const counts = { expected: 6, merged: 6, quarantined: 0, dead: 0, missing: 0 }
  const files = { layouts: file, certificate: file }
  return { schema: 1, sweep: 'small', number, inputDigest: '', complete, ...counts, files, merger: 'm', at }
}

async function storeOf(...generations: Generation[]) {
  const store = createMemoryStore()
  for (const one of generations) await store.create(names.generation('small', one.number), encodeRecord(one))
  return store
}

test('the newest generation has the highest number, whatever the clocks of the mergers said', async () => {
  const store = await storeOf(
    generation(10, { at: '2026-01-01T00:00:00.000Z', complete: true }),
    generation(2, { at: '2026-01-02T00:00:00.000Z', complete: true }),
    generation(9, { at: '2031-01-01T00:00:00.000Z', complete: true }),
  )
  const generations = await readGenerations(store, 'small')
  assert.deepEqual(
    generations.map(({ number }) => number),
    [2, 9, 10],
  )
  assert.equal(currentGeneration(generations)?.number, 10)
})

test('a generation that is short does not take the place of a complete one', async () => {
  const at = '2026-01-01T00:00:00.000Z'
  const store = await storeOf(generation(1, { at, complete: true }), generation(2, { at, complete: false }))
  assert.equal(currentGeneration(await readGenerations(store, 'small'))?.number, 1)
})
