import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headingOf } from './wind-frame.ts'

test('wind from a cardinal direction blows exactly the other way', () => {
  const rounded = [0, 90, 180, 270].map((directionDeg) => {
    const { east, north } = headingOf(directionDeg)
    return [east + 0, north + 0]
  })
  assert.deepEqual(rounded, [
    [0, -1],
    [-1, 0],
    [0, 1],
    [1, 0],
  ])
})

test('opposite directions are exactly opposite, and full turns do not matter', () => {
  for (let directionDeg = 0; directionDeg < 180; directionDeg += 0.5) {
    const { east, north } = headingOf(directionDeg)
    const opposite = headingOf(directionDeg + 180)
    assert.equal(opposite.east, -east)
    assert.equal(opposite.north, -north)
    assert.deepEqual(headingOf(directionDeg - 360), { east, north })
  }
})

test('wind from the north-east blows to the south-west', () => {
  const { east, north } = headingOf(30)
  assert.ok(Math.abs(east + 0.5) < 1e-15)
  assert.ok(Math.abs(north + Math.sqrt(3) / 2) < 1e-15)
})
