import assert from 'node:assert/strict'
import { test } from 'node:test'
import { danishAreas } from '../fixtures/danish-energy-island.ts'
import { polygonFrom } from './polygon.ts'
import { polygonFaults } from './polygon-validity.ts'

function kinds(xM: number[], yM: number[]): string[] {
  return polygonFaults(polygonFrom(xM, yM)).map(({ kind }) => kind)
}

test('the areas of the Danish Energy Island are valid in both orientations', () => {
  for (const { xM, yM } of danishAreas) {
    assert.deepEqual(polygonFaults({ xM, yM }), [])
    assert.deepEqual(polygonFaults({ xM: xM.toReversed(), yM: yM.toReversed() }), [])
  }
})

test('a triangle is the smallest polygon, and may repeat its first vertex', () => {
  assert.deepEqual(kinds([0, 1, 0], [0, 0, 1]), [])
  assert.deepEqual(kinds([0, 1, 0, 0], [0, 0, 1, 0]), [])
  assert.deepEqual(polygonFaults(polygonFrom([0, 1], [0, 0])), [{ kind: 'too-few-vertices', distinct: 2 }])
  assert.deepEqual(kinds([0, 1, 0], [0, 0, 0]), ['too-few-vertices'])
  assert.deepEqual(kinds([], []), ['too-few-vertices'])
})

test('a vertex in the middle of a straight edge is fine', () => {
  assert.deepEqual(kinds([0, 1, 2, 2, 0], [0, 0, 0, 2, 2]), [])
})

test('vertices that are not finite are named', () => {
  const faults = polygonFaults(polygonFrom([0, 1, Number.NaN], [0, Number.POSITIVE_INFINITY, 1]))
  assert.deepEqual(faults, [
    { kind: 'not-finite', vertex: 1 },
    { kind: 'not-finite', vertex: 2 },
  ])
})

test('edges that cross, touch or fold back are found', () => {
  assert.deepEqual(polygonFaults(polygonFrom([0, 10, 10, 0], [0, 10, 0, 10])), [
    { kind: 'self-intersecting', edges: [0, 2] },
  ])
  assert.deepEqual(kinds([0, 10, 10, 5, 0], [0, 0, 10, 0, 10]), ['self-intersecting'])
  assert.deepEqual(kinds([0, 10, 5, 5], [0, 0, 0, 5]), ['self-intersecting'])
  assert.deepEqual(kinds([0, 1, 2], [0, 0, 0]), ['self-intersecting'])
})
