import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStore } from '../store/memory-store.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import { planOf } from './expand.ts'
import { readManifests, submitManifest } from './manifests.ts'
import { smallSpecification } from './small-specification.ts'
import type { Specification } from './specification.ts'

const facts = { now: 0, numericsId: 'wind-0/v8-0/none', windrowVersion: '0.1.0', submittedBy: 'ada' }
const { axes } = smallSpecification()
const withSeeds = (seed: unknown, changes: object = {}) => smallSpecification({ axes: { ...axes, seed }, ...changes })
const submit = (store: Store, specification: Specification) => submitManifest(store, specification, facts)

test('a new sweep gets manifest 0 with everything inlined', async () => {
  const store = createMemoryStore()
  const { outcome, added, manifest } = await submit(store, smallSpecification())
  assert.deepEqual([outcome, added, manifest.n, manifest.total], ['new', 12, 0, 12])
  const [read, ...more] = await readManifests(store, 'small')
  assert.deepEqual(read, manifest)
  assert.deepEqual(more, [])
  assert.deepEqual(read?.specification, smallSpecification())
})

test('the same sweep again is resumed and writes nothing', async () => {
  const store = createMemoryStore()
  const first = await submit(store, smallSpecification())
  const again = await submitManifest(store, smallSpecification(), { ...facts, now: 5000 })
  assert.equal(again.outcome, 'resumed')
  assert.deepEqual(again.manifest, first.manifest)
  assert.equal((await readManifests(store, 'small')).length, 1)
})

test('a superset extends the sweep, another policy adds a manifest, and indices stay', async () => {
  const store = createMemoryStore()
  await submit(store, smallSpecification())
  const extended = await submit(store, withSeeds('0..4'))
  assert.deepEqual(
    [extended.outcome, extended.added, extended.manifest.n, extended.manifest.total],
    ['extended', 8, 1, 20],
  )
  const patient = await submit(store, withSeeds('0..4', { policy: { attempts: 7 } }))
  assert.deepEqual(
    [patient.outcome, patient.added, patient.manifest.n, patient.manifest.total],
    ['policy-changed', 0, 2, 20],
  )
  const plan = planOf(await readManifests(store, 'small'))
  assert.deepEqual([plan.total, plan.manifest, plan.keyAt(11), plan.keyAt(12)], [20, 2, 'a1_small_s2', 'a0_big_s3'])
})

test('a changed or smaller sweep is refused and leaves the store as it was', async () => {
  const store = createMemoryStore()
  await submit(store, smallSpecification())
  await assert.rejects(submit(store, smallSpecification({ optimizer: { grid_size: 30 } })), { code: 'SPEC_CHANGED' })
  await assert.rejects(submit(store, withSeeds('0..1')), { code: 'SPEC_CHANGED', message: /removes 4 configurations/ })
  assert.equal((await readManifests(store, 'small')).length, 1)
})

test('of two submitters at once, one is first and the other builds on it', async () => {
  const store = createMemoryStore()
  const submissions = await Promise.all([submit(store, withSeeds('0..2')), submit(store, withSeeds('0..5'))])
  assert.deepEqual(submissions.map(({ outcome }) => outcome).sort(), ['extended', 'new'])
  assert.equal(planOf(await readManifests(store, 'small')).total, 24)
})

test('a submitter who loses the race against a change is refused', async () => {
  const store = createMemoryStore()
  const changed = smallSpecification({ optimizer: { grid_size: 30 } })
  const raced = await Promise.allSettled([submit(store, smallSpecification()), submit(store, changed)])
  const refused = raced.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 1)
  assert.equal(refused[0]?.status === 'rejected' && refused[0].reason.code, 'SPEC_CHANGED')
  assert.equal((await readManifests(store, 'small')).length, 1)
})

test('a store that claims a manifest but does not show it is not asked for ever', async () => {
  const store: Store = Object.assign(createMemoryStore(), { create: async () => 'exists' as const })
  await assert.rejects(submit(store, smallSpecification()), { code: 'STORE_UNAVAILABLE' })
})

test('an unknown sweep is named, with the sweeps there are', async () => {
  const store = createMemoryStore()
  await assert.rejects(readManifests(store, 'small'), { code: 'SWEEP_UNKNOWN', message: /There is no sweep in it/ })
  await submit(store, smallSpecification())
  await assert.rejects(readManifests(store, 'smal'), {
    code: 'SWEEP_UNKNOWN',
    message: /Did you mean small\? It has small\./,
  })
  await assert.rejects(readManifests(store, '../small'), { code: 'SWEEP_UNKNOWN' })
})

test('a manifest that is missing, foreign, damaged or tampered with is refused', async () => {
  const refused = { code: 'STORE_RECORD_INVALID' }
  const written = async () => {
    const store = createMemoryStore()
    await submit(store, smallSpecification())
    return store
  }
  const replace = async (store: Store, edit: (text: string) => string) => {
    const name = names.manifest('small', 0)
    const text = new TextDecoder().decode(await store.read(name))
    await store.remove(name)
    await store.create(name, new TextEncoder().encode(edit(text)))
  }
  const edits = [
    () => '',
    (text: string) => text.slice(0, 200),
    (text: string) => text.replace('"grid_size": 8', '"grid_size": 9'),
    (text: string) => text.replace('"total": 12', '"total": 13'),
    (text: string) => text.replace('"n": 0', '"n": 1'),
    (text: string) => text.replaceAll('"small",\n  "n"', '"other",\n  "n"'),
  ]
  for (const [i, edit] of edits.entries()) {
    const store = await written()
    await replace(store, edit)
    await assert.rejects(readManifests(store, 'small'), refused, `edit ${i}`)
  }
  const gap = await written()
  await submit(gap, withSeeds('0..4'))
  await gap.remove(names.manifest('small', 0))
  await assert.rejects(readManifests(gap, 'small'), { ...refused, message: /manifest\.0\.json is missing/ })
})
