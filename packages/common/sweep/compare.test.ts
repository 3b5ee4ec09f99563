import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedError, compareSpecifications, type SpecificationChange } from './compare.ts'
import { identityDigest } from './identity.ts'
import { smallSpecification, squareArea, turbineType } from './small-specification.ts'

const { axes, model } = smallSpecification()
const withAxes = (changes: object) => smallSpecification({ axes: { ...axes, ...changes } })
const compare = (changes: Record<string, unknown>) =>
  compareSpecifications(smallSpecification(), smallSpecification(changes))

function changeOf(comparison: ReturnType<typeof compareSpecifications>): SpecificationChange {
  assert.equal(comparison.kind, 'changed')
  return comparison
}

test('the same specification is the same, also when its points are written otherwise', () => {
  assert.deepEqual(compare({}), { kind: 'same' })
  assert.deepEqual(compare({ axes: { ...axes, seed: [0, 1, 2] } }), { kind: 'same' })
  assert.deepEqual(compare({ axes: { ...axes, seed: [2, 0, 1] } }), { kind: 'same' })
  assert.deepEqual(compare({ axes: { seed: '0..2', turbine: axes.turbine, area: axes.area } }), { kind: 'same' })
  assert.equal(identityDigest(withAxes({ seed: [0, 1, 2] })), identityDigest(smallSpecification()))
})

test('another policy or merge changes no configuration', () => {
  assert.deepEqual(compare({ policy: { attempts: 4 } }), { kind: 'policy-changed' })
  assert.deepEqual(compare({ merge: { layout: 'stacked' } }), { kind: 'policy-changed' })
})

test('more points extend the sweep', () => {
  assert.deepEqual(compare({ axes: { ...axes, seed: '0..4' } }), { kind: 'extends', added: 8 })
  assert.deepEqual(compare({ axes: { ...axes, seed: '0..3' }, policy: { attempts: 9 } }), { kind: 'extends', added: 4 })
})

test('fewer points are refused, with the advice to use --only', () => {
  const change = changeOf(compare({ axes: { ...axes, seed: '0..1' } }))
  assert.deepEqual(change.removed, { count: 4, examples: ['a0_big_s2', 'a0_small_s2', 'a1_big_s2'] })
  const error = changedError('small', change)
  assert.equal(error.code, 'SPEC_CHANGED')
  assert.match(
    error.message,
    /removes 4 configurations \(a0_big_s2, .*\.\.\.\)\.\n {2}axes\.seed: "0\.\.2" -> "0\.\.1"/,
  )
  assert.match(error.next, /--only/)
})

test('a change of existing configurations is told with its place, old and new', () => {
  const moved = changeOf(
    compareSpecifications(smallSpecification(), withAxes({ area: [squareArea(0, 3000), squareArea(1, 4001)] })),
  )
  assert.equal(moved.changed.count, 6)
  assert.equal(moved.removed.count, 0)
  assert.deepEqual(moved.differences[0], { path: 'axes.area[1].x[1]', old: '4000', new: '4001' })
  const finer = changeOf(compare({ optimizer: { grid_size: 9 } }))
  assert.equal(finer.changed.count, 12)
  assert.deepEqual(finer.differences, [{ path: 'optimizer.grid_size', old: '8', new: '9' }])
  assert.match(changedError('small', finer).message, /changes 12 configurations .*\n {2}optimizer\.grid_size: 8 -> 9/)
})

test('a change is seen among additions and removals', () => {
  const turbine = [turbineType('big', 121), turbineType('huge', 200)]
  const change = changeOf(compare({ axes: { ...axes, turbine } }))
  assert.deepEqual([change.added.count, change.removed.count, change.changed.count], [6, 6, 6])
})

test('a renamed axis changes configurations: their points are named otherwise', () => {
  const { area, ...others } = axes
  assert.equal(changeOf(compare({ axes: { place: area, ...others } })).changed.count, 12)
})

test('what is only said about the site changes nothing', () => {
  assert.deepEqual(compare({ model: { ...model, site: { ...model.site, source: 'a mast' } } }), { kind: 'same' })
})
