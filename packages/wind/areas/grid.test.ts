import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gridInside } from './grid.ts'
import { polygonFrom } from './polygon.ts'

test('the grid reaches over the bounding box with both ends, and keeps points on the boundary', () => {
  const { xM, yM } = gridInside(polygonFrom([0, 2, 0], [0, 0, 2]), 3)
  assert.deepEqual(Array.from(xM), [0, 0, 0, 1, 1, 2])
  assert.deepEqual(Array.from(yM), [0, 1, 2, 0, 1, 0])
})

test('a grid of less than two points a side is refused', () => {
  const square = polygonFrom([0, 1, 1, 0], [0, 0, 1, 1])
  for (const gridSize of [1, 0, 2.5, Number.NaN]) assert.throws(() => gridInside(square, gridSize), RangeError)
})
