import assert from 'node:assert/strict'
import { test } from 'node:test'
import { danishAreas, danishAreasKm2 } from '../fixtures/danish-energy-island.ts'
import { boundingBox, containsPoint, type Polygon, polygonAreaM2, polygonFrom, signedDistanceM } from './polygon.ts'

const square = polygonFrom([0, 10, 10, 0], [0, 0, 10, 10])
const notched = polygonFrom([0, 10, 10, 5, 0], [0, 0, 10, 2, 10])

function backwards({ xM, yM }: Polygon): Polygon {
  return { xM: xM.toReversed(), yM: yM.toReversed() }
}

test('points inside are inside and points outside are outside, in either orientation', () => {
  for (const polygon of [square, backwards(square)]) {
    assert.equal(containsPoint(polygon, 5, 5), true)
    for (const [x, y] of [
      [-1, 5],
      [11, 5],
      [5, -1],
      [5, 11],
      [-5, 0],
      [15, 10],
    ] as const) {
      assert.equal(containsPoint(polygon, x, y), false)
    }
  }
})

test('points on an edge and on a vertex count as inside', () => {
  for (const polygon of [square, backwards(square), notched]) {
    for (const [x, y] of [
      [5, 0],
      [0, 0],
      [10, 10],
      [0, 10],
      [10, 4],
    ] as const) {
      assert.equal(containsPoint(polygon, x, y), true)
    }
  }
})

test('a point a millimetre outside is outside; one within the rounding of coordinates is not', () => {
  assert.equal(containsPoint(square, 10.001, 5), false)
  assert.equal(containsPoint(square, 10 + 1e-7, 5), true)
})

test('the notch of a polygon that is not convex is outside, at the height of its vertices too', () => {
  assert.equal(containsPoint(notched, 5, 5), false)
  assert.equal(containsPoint(notched, 5, 1.9), true)
  assert.equal(containsPoint(notched, 1, 2), true)
  assert.equal(containsPoint(notched, 11, 2), false)
  assert.equal(containsPoint(notched, -1, 2), false)
})

test('the distance is positive inside, negative outside, and measured to corners beyond the edges', () => {
  assert.equal(signedDistanceM(square, 5, 5), 5)
  assert.equal(signedDistanceM(square, 8, 5), 2)
  assert.equal(signedDistanceM(square, 13, 14), -5)
  assert.equal(Math.abs(signedDistanceM(square, 10, 10)), 0)
})

test('a point that is not a number is not inside', () => {
  assert.equal(containsPoint(square, Number.NaN, 5), false)
  assert.equal(containsPoint(square, 5, Number.POSITIVE_INFINITY), false)
})

test('a repeated first vertex at the end changes nothing', () => {
  const closed = polygonFrom([0, 10, 10, 0, 0], [0, 0, 10, 10, 0])
  assert.equal(polygonAreaM2(closed), 100)
  assert.equal(signedDistanceM(closed, 8, 5), 2)
  assert.equal(containsPoint(closed, -1, 0), false)
})

test('the areas of the Danish Energy Island are those of its source', () => {
  danishAreas.forEach((polygon, i) => {
    assert.ok(Math.abs(polygonAreaM2(polygon) / 1e6 - danishAreasKm2[i]!) < 1e-6)
    assert.ok(Math.abs(polygonAreaM2(backwards(polygon)) - polygonAreaM2(polygon)) < 1e-6)
  })
})

test('the bounding box holds every vertex', () => {
  assert.deepEqual(boundingBox(notched), { minXM: 0, maxXM: 10, minYM: 0, maxYM: 10 })
})

test('rows of vertices that differ in length are refused', () => {
  assert.throws(() => polygonFrom([0, 1, 2], [0, 1]), RangeError)
})
