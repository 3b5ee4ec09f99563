import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iea37Gaussian } from './iea37-gaussian.ts'

const squaredDeficit = iea37Gaussian.behindRotor(130)

function published(downwindM: number, crosswindM: number): number {
  const sigmaM = 0.0324555 * downwindM + 130 / Math.sqrt(8)
  const radical = 1 - 8 / 9 / ((8 * sigmaM * sigmaM) / (130 * 130))
  return (1 - Math.sqrt(radical)) * Math.exp((-0.5 * crosswindM * crosswindM) / (sigmaM * sigmaM))
}

test('the deficit is that of the published equations, on the axis and beside it', () => {
  for (const [downwindM, crosswindM] of [
    [1, 0],
    [390, 0],
    [390, 65],
    [390, -65],
    [5000, 300],
    [20_000, -900],
  ] as const) {
    const expected = published(downwindM, crosswindM)
    assert.ok(Math.abs(Math.sqrt(squaredDeficit(downwindM, crosswindM)) - expected) < 1e-15)
  }
})

test('there is no wake beside or in front of the rotor', () => {
  assert.equal(squaredDeficit(0, 0), 0)
  assert.equal(squaredDeficit(-500, 0), 0)
})

test('what is left out far from the axis is too little to change 1 - deficit', () => {
  const sigmaM = 0.0324555 * 2000 + 130 / Math.sqrt(8)
  assert.ok(squaredDeficit(2000, 8.9 * sigmaM) > 0)
  assert.equal(squaredDeficit(2000, 9 * sigmaM), 0)
  assert.equal(1 - published(2000, 9 * sigmaM), 1)
})
