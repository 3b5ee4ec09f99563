import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smallSpecification, writeSpecification } from '../../../test/fixtures/small-sweep.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { names } from '../store/names.ts'
import { submitManifest } from './manifests.ts'
import { readSpecification } from './read-specification.ts'
import { createSweepReader } from './sweep-reader.ts'

const specificationOf = async (overrides: Record<string, unknown> = {}) =>
  await readSpecification(writeSpecification(await temporaryFolder(), smallSpecification(overrides)))
const facts = { now: 1, numericsId: 'n', windrowVersion: '0', submittedBy: 'test' }

test('the newest reading finds an extension, and keeps what has not changed', async () => {
  const store = createMemoryStore()
  const reader = createSweepReader(store)
  await submitManifest(store, await specificationOf(), facts)
  const first = await reader.readNewest('small')
  assert.equal(await reader.readNewest('small'), first)
  const { axes } = smallSpecification() as { axes: object }
  await submitManifest(store, await specificationOf({ axes: { ...axes, seed: '0..3' } }), facts)
  assert.equal((await reader.readNewest('small')).plan.total, 8)
})

test('a sweep that was deleted and submitted anew under its name is another sweep', async () => {
  const store = createMemoryStore()
  const reader = createSweepReader(store)
  await submitManifest(store, await specificationOf(), facts)
  const before = await reader.readNewest('small')
  await store.remove(names.manifest('small', 0))
  await assert.rejects(reader.readNewest('small'), /no sweep small/)
  const changed = { optimizer: { name: 'smart-start', grid_size: 12, random_pct: 30, spacing_diameters: 3 } }
  await submitManifest(store, await specificationOf(changed), facts)
  const after = await reader.readNewest('small')
  assert.notEqual(after.identity, before.identity)
  assert.equal((await reader.read('small')).identity, after.identity, 'and the old one is forgotten')
})
