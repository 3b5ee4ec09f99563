import assert from 'node:assert/strict'
import { test } from 'node:test'
import { danishResource } from '../fixtures/danish-energy-island.ts'
import type { Rose } from './rose.ts'
import { weibullRose } from './weibull-rose.ts'

const speedsMs = Array.from({ length: 23 }, (_, i) => 3 + i)
const rose = weibullRose(danishResource, { directions: 360, speedsMs })

function total({ probability }: Rose): number {
  return probability.reduce((sum, value) => sum + value, 0)
}

function at({ probability, speedsMs: speeds }: Rose, direction: number, speed: number): number {
  return probability[direction * speeds.length + speed]!
}

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * expected, `${actual} is not ${expected}`)
}

// Expected values: PyWake's formulas (GridInterpolator, LocalWind.set_W, weibull.cdf) evaluated in numpy.
test('probabilities are those of PyWake, and are not renormalised', () => {
  assertNear(total(rose), 0.9601623217021218)
  assertNear(total(weibullRose(danishResource, { directions: 12, speedsMs })), 0.9601623217021217)
  assertNear(at(rose, 270, 10), 0.00023128414925316216)
})

test('a direction half-way between two sectors belongs to the lower one', () => {
  assertNear(at(rose, 15, 5), 8.651693087638027e-5)
  assertNear(at(rose, 16, 5), 8.577581220176113e-5)
  assertNear(at(rose, 345, 5), 0.0002727687254366805)
  assert.equal(at(rose, 345, 5), at(rose, 330, 5))
  assert.equal(at(rose, 346, 5), at(rose, 0, 5))
})

test('linear interpolation goes between sector centres and around north', () => {
  const linear = weibullRose(danishResource, { directions: 360, speedsMs, sectorInterpolation: 'linear' })
  assertNear(total(linear), 0.9600632979191885)
  assertNear(at(linear, 15, 5), 8.642902150565181e-5)
  assertNear(at(linear, 350, 7), 0.00013560354003202074)
})

test('wider speed bins reach half-way to their neighbours', () => {
  assertNear(total(weibullRose(danishResource, { directions: 360, speedsMs: [6, 8, 10, 12, 14] })), 0.6631187489797794)
})

test('directions are spread evenly from north', () => {
  assert.deepEqual(
    Array.from(weibullRose(danishResource, { directions: 8, speedsMs }).directionsDeg),
    [0, 45, 90, 135, 180, 225, 270, 315],
  )
})

test('a resource or bins that make no sense are refused', () => {
  const short = { ...danishResource, weibullK: [2] }
  assert.throws(() => weibullRose(short, { directions: 360, speedsMs }), RangeError)
  const negative = { sectorFrequency: [1], weibullAMs: [-9], weibullK: [2] }
  assert.throws(() => weibullRose(negative, { directions: 360, speedsMs }), RangeError)
  assert.throws(() => weibullRose(danishResource, { directions: 0, speedsMs }), RangeError)
  assert.throws(() => weibullRose(danishResource, { directions: 360, speedsMs: [] }), RangeError)
  assert.throws(() => weibullRose(danishResource, { directions: 360, speedsMs: [5, 4] }), RangeError)
})
