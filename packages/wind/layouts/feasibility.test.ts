import assert from 'node:assert/strict'
import { test } from 'node:test'
import { polygonFrom } from '../areas/polygon.ts'
import { infeasibilities } from './feasibility.ts'
import { layoutFrom } from './layout.ts'

const constraints = { boundary: polygonFrom([0, 1000, 1000, 0], [0, 0, 1000, 1000]), minSpacingM: 300 }

test('a layout inside its boundary with its spacing kept is feasible, edges and exact spacing included', () => {
  assert.deepEqual(infeasibilities(layoutFrom([0, 300, 1000], [0, 0, 1000]), constraints), [])
})

test('turbines outside and pairs too near are named with their distances', () => {
  assert.deepEqual(infeasibilities(layoutFrom([500, 500, 1003], [500, 740, 1004]), constraints), [
    { kind: 'outside-boundary', turbine: 2, distanceM: 5 },
    { kind: 'spacing-violated', turbines: [0, 1], distanceM: 240 },
  ])
})

test('only rounding is forgiven', () => {
  assert.deepEqual(infeasibilities(layoutFrom([-5e-7, 300 - 1e-6], [0, 0]), constraints), [])
  const kinds = infeasibilities(layoutFrom([-2e-6, 299.999_99], [0, 500]), constraints).map(({ kind }) => kind)
  assert.deepEqual(kinds, ['outside-boundary'])
  assert.equal(infeasibilities(layoutFrom([0, 299.999_99], [0, 0]), constraints).length, 1)
})

test('coordinates that are not numbers are never feasible', () => {
  const found = infeasibilities(layoutFrom([Number.NaN, 500], [0, 500]), constraints)
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['outside-boundary', 'spacing-violated'],
  )
})

test('rows of coordinates that differ in length are refused', () => {
  assert.throws(() => layoutFrom([1, 2], [1]), RangeError)
})
