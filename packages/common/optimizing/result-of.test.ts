import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOfSpecification } from '../sweep/expand.ts'
import { smallSpecification, squareArea, turbineType } from '../sweep/small-specification.ts'
import { problemOf } from './problem.ts'
import { resultOf } from './result-of.ts'

const outcome = { layout: { xM: Float64Array.of(1, 2), yM: Float64Array.of(3, 4) }, aepGWh: 12.5 }

function attributesFor(key: string, area: object) {
  const specification = smallSpecification({
    key,
    axes: { area: [{ ...squareArea(0, 3000), ...area }], turbine: [turbineType('big', 120)], seed: [3] },
  })
  return resultOf(problemOf(planOfSpecification(specification).at(0), specification), 'digest', outcome).attributes
}

test('a result holds layout and AEP, and attributes in their order', () => {
  const specification = smallSpecification()
  const plan = planOfSpecification(specification)
  const result = resultOf(problemOf(plan.at(4), specification), plan.digestAt(4), outcome)
  assert.deepEqual(Object.entries(result.attributes), [
    ['status', 'success'],
    ['aep', 12.5],
    ['n_turbines', 2n],
    ['diameter', 80n],
    ['area_idx', 0n],
    ['type', 'small'],
    ['seed', 1n],
    ['extra', '{"hub":100,"rated_MW":3}'],
  ])
  assert.deepEqual(result.datasets.layout, { elementType: '<f8', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) })
  assert.deepEqual(result.datasets.aep, { elementType: '<f8', shape: [], data: Float64Array.of(12.5) })
  assert.deepEqual([result.key, result.configurationDigest], ['a0_small_s1', plan.digestAt(4)])
})

test('never more than eight attributes: what has no room goes into extra, in ASCII', () => {
  const attributes = attributesFor('{area_idx}_{p}_{q}_{type}_{seed}', { p: 0.5, q: 7, name: 'Ærø "é😀' })
  assert.equal(Object.keys(attributes).length, 8)
  assert.deepEqual(Object.keys(attributes).slice(4), ['area_idx', 'p', 'q', 'extra'])
  assert.equal(attributes.p, 0.5)
  const { extra } = attributes
  assert.ok(typeof extra === 'string' && /^[\x20-\x7e]*$/.test(extra))
  assert.deepEqual(JSON.parse(extra), { type: 'big', seed: 3, hub: 100, rated_MW: 3, name: 'Ærø "é😀' })
})

test('a field called like an attribute of every result does not replace it', () => {
  const attributes = attributesFor('{area_idx}_{status}_{aep}_{seed}', { status: 'planned', aep: 1 })
  assert.deepEqual([attributes.status, attributes.aep], ['success', 12.5])
  assert.deepEqual(JSON.parse(String(attributes.extra)), {
    status: 'planned',
    aep: 1,
    type: 'big',
    hub: 100,
    rated_MW: 3,
  })
})
