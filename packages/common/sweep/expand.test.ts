import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { canonicalJson } from './canonical-json.ts'
import { planOf, planOfSpecification, type SweepPlan } from './expand.ts'
import { expansionIssues } from './grid.ts'
import { digestables, identityDigest } from './identity.ts'
import type { Manifest } from './manifest.ts'
import { smallSpecification, squareArea, turbineType } from './small-specification.ts'
import type { Specification } from './specification.ts'

const manifest = (n: number, specification: Specification, total: number): Manifest => ({
  schema: 1,
  sweep: specification.name,
  n,
  specification,
  identity: identityDigest(specification),
  total,
  numericsId: 'wind-0/v8-0/none',
  windrowVersion: '0',
  at: '2026-01-01T00:00:00.000Z',
})
const keysOf = (plan: SweepPlan) => Array.from({ length: plan.total }, (_, index) => plan.keyAt(index))
const withSeeds = (seed: unknown) => smallSpecification({ axes: { ...smallSpecification().axes, seed } })

test('expands the axes in their order, the last one varying fastest', () => {
  const plan = planOfSpecification(smallSpecification())
  assert.equal(plan.total, 12)
  assert.deepEqual(keysOf(plan).slice(0, 4), ['a0_big_s0', 'a0_big_s1', 'a0_big_s2', 'a0_small_s0'])
  const { point, ...last } = plan.at(11)
  const type = { type: 'small', D: 80, hub: 100, rated_MW: 3, n_turbines: 4 }
  const { type: name, ...rest } = type
  assert.deepEqual(last, { index: 11, key: 'a1_small_s2', fields: { area_idx: 1, type: name, seed: 2, ...rest } })
  assert.deepEqual(Object.keys(last.fields).slice(0, 3), ['area_idx', 'type', 'seed'], 'fields of the key come first')
  assert.deepEqual(point, { area: squareArea(1, 4000), turbine: type, seed: 2 })
})

test('finds every configuration by its key, and no other', () => {
  const plan = planOfSpecification(smallSpecification())
  for (let index = 0; index < plan.total; index++) assert.equal(plan.indexOf(plan.keyAt(index)), index)
  for (const stranger of ['a0_big_s3', 'A0_big_s0', '', 'init', '__proto__'])
    assert.equal(plan.indexOf(stranger), undefined)
  assert.throws(() => plan.at(12), RangeError)
  assert.throws(() => plan.keyAt(-1), RangeError)
})

test('a field that two axes have is qualified by its axis', () => {
  const specification = smallSpecification({
    key: '{area.name}-{turbine.name}',
    axes: { area: [{ name: 'n' }, { name: 's' }], turbine: [{ name: 'x', state: 1 }] },
  })
  const plan = planOfSpecification(specification)
  assert.deepEqual(keysOf(plan), ['n-x', 's-x'])
  assert.deepEqual(plan.at(1).fields, { 'area.name': 's', 'turbine.name': 'x', 'turbine.state': 1 })
})

test('a configuration keeps its digest whatever other points there are', () => {
  const [few, many] = [planOfSpecification(withSeeds([2])), planOfSpecification(withSeeds('0..9'))]
  for (let index = 0; index < few.total; index++) {
    assert.equal(few.digestAt(index), many.digestAt(many.indexOf(few.keyAt(index))!))
  }
  assert.equal(new Set(keysOf(many).map((_, index) => many.digestAt(index))).size, many.total)
})

test('a configuration has another digest when its point, model or optimizer is another', () => {
  const digest = (changes: Record<string, unknown>) => planOfSpecification(smallSpecification(changes)).digestAt(0)
  const { axes, model } = smallSpecification()
  const original = digest({})
  assert.notEqual(digest({ optimizer: { grid_size: 9 } }), original)
  assert.notEqual(digest({ model: { ...model, directions: 17 } }), original)
  assert.notEqual(digest({ axes: { ...axes, area: [squareArea(0, 3001)] } }), original)
  assert.equal(digest({ policy: { attempts: 9 }, merge: { layout: 'stacked' }, name: 'other' }), original)
  assert.equal(digest({ model: { ...model, site: { ...model.site, source: 'measured' } } }), original)
})

test('indices are stable for ever: whatever extends a sweep comes after what is there', () => {
  const random = seeded(7)
  for (let trial = 0; trial < 25; trial++) {
    const grown = growingSweep(random)
    const manifests: Manifest[] = []
    let before: string[] = []
    for (const [n, specification] of grown.entries()) {
      manifests.push(manifest(n, specification, planOfSpecification(specification).total))
      const plan = planOf(manifests)
      const keys = keysOf(plan)
      assert.deepEqual(keys.slice(0, before.length), before, `trial ${trial}, manifest ${n}`)
      assert.deepEqual(keys.toSorted(), keysOf(planOfSpecification(specification)).toSorted())
      for (const [index, key] of keys.entries()) assert.equal(plan.indexOf(key), index)
      assert.equal(plan.manifest, n)
      before = keys
    }
  }
})

test('a manifest that changes only the policy adds nothing', () => {
  const specification = smallSpecification()
  const patient = smallSpecification({ policy: { attempts: 9 } })
  const plan = planOf([manifest(0, specification, 12), manifest(1, patient, 12)])
  assert.equal(plan.total, 12)
  assert.equal(plan.specification.policy.attempts, 9)
})

test('a manifest whose total is not what its axes make is refused', () => {
  assert.throws(() => planOf([manifest(0, smallSpecification(), 11)]), {
    code: 'STORE_RECORD_INVALID',
    message: /says 11/,
  })
})

test('a key pattern that does not fit is refused when there is no file to point at, too', () => {
  assert.throws(() => planOfSpecification(smallSpecification({ key: '{nothing}' })), { code: 'SPEC_INVALID' })
})

test('a million configurations are expanded and checked without an object for each', () => {
  const specification = smallSpecification({
    axes: {
      area: Array.from({ length: 10 }, (_, i) => squareArea(i, 3000)),
      turbine: Array.from({ length: 5 }, (_, i) => turbineType(`t${i}`, 100)),
      seed: '0..19999',
    },
  })
  assert.deepEqual(expansionIssues(specification), [])
  const plan = planOfSpecification(specification)
  assert.equal(plan.total, 1_000_000)
  assert.equal(plan.keyAt(999_999), 'a9_t4_s19999')
  assert.equal(plan.indexOf('a9_t4_s19998'), 999_998)
})

test('more configurations than a sweep may have are refused before any is looked at', () => {
  const [issue] = expansionIssues(withSeeds('0..99999999'))
  assert.match(issue?.message ?? '', /400,000,000 configurations/)
})

/** Specifications of which each has all configurations of the one before, in an order of its own. */
function growingSweep(random: () => number): Specification[] {
  const grown: { area: number[]; type: number[]; seed: number[] } = { area: [0], type: [0], seed: [0] }
  return Array.from({ length: 4 }, () => {
    for (const points of Object.values(grown)) {
      if (random() < 0.5) points.splice(Math.floor(random() * (points.length + 1)), 0, points.length)
    }
    return smallSpecification({
      axes: {
        area: grown.area.map((i) => squareArea(i, 1000 + i)),
        turbine: grown.type.map((i) => turbineType(`t${i}`, 100 + i)),
        seed: [...grown.seed],
      },
    })
  })
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('digests a configuration as the canonical JSON of its key, model, optimizer and point', () => {
  const specification = smallSpecification({ axes: { seed: [7], area: [3], type: ['"wide"'] }, key: 's{seed}_a{area}' })
  const plan = planOfSpecification(specification)
  const { model, optimizer } = digestables(specification)
  const point = { seed: 7, area: 3, type: '"wide"' }
  const text = canonicalJson({ schema: 1, key: 's7_a3', model, optimizer, point })
  assert.equal(plan.digestAt(0), createHash('sha256').update(text).digest('hex'))
})
