import assert from 'node:assert/strict'
import { test } from 'node:test'
import { danishResource } from '../fixtures/danish-energy-island.ts'
import { coversSpeeds, withSpeeds } from './coarser-rose.ts'
import { roseOfOneSpeed } from './rose.ts'
import { weibullRose } from './weibull-rose.ts'

const directionsDeg = Float64Array.of(0, 180)

test('new speeds collect the old bins, and halves of those on their edges', () => {
  const rose = {
    directionsDeg,
    speedsMs: Float64Array.of(5, 6, 7, 8, 9),
    probability: Float64Array.of(0.02, 0.04, 0.06, 0.08, 0.1, 0.2, 0, 0, 0, 0),
  }
  const coarse = withSpeeds(rose, [6, 8])
  const expected = [0.01 + 0.04 + 0.03, 0.03 + 0.08 + 0.05, 0.1, 0]
  expected.forEach((value, i) => {
    assert.ok(Math.abs(coarse.probability[i]! - value) < 1e-15)
  })
  assert.deepEqual(Array.from(coarse.speedsMs), [6, 8])
})

test('a collected Weibull rose is within 1 % of the one made with the wider bins', () => {
  const speedsMs = Array.from({ length: 23 }, (_, i) => 3 + i)
  const collected = withSpeeds(weibullRose(danishResource, { directions: 360, speedsMs }), [6, 8, 10, 12, 14])
  const direct = weibullRose(danishResource, { directions: 360, speedsMs: [6, 8, 10, 12, 14] })
  collected.probability.forEach((value, i) => {
    assert.ok(Math.abs(value / direct.probability[i]! - 1) < 0.01)
  })
})

test('speeds that the rose says nothing about are refused', () => {
  const single = roseOfOneSpeed(directionsDeg, [0.5, 0.5], 9.8)
  assert.equal(coversSpeeds(single, [6, 8, 10]), false)
  assert.throws(() => withSpeeds(single, [6, 8, 10]), RangeError)
})

test('a rose of one speed needs a probability for each direction', () => {
  assert.throws(() => roseOfOneSpeed(directionsDeg, [1], 9.8), RangeError)
})
