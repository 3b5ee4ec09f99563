import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tabulatedPowerCurve } from './tabulated-power-curve.ts'

test('the curve goes through its points, straight between them, and flat beyond them', () => {
  const powerMw = tabulatedPowerCurve([3, 4, 6, 25], [0, 1, 2, 2])
  assert.deepEqual([3, 4, 6, 25].map(powerMw), [0, 1, 2, 2])
  assert.deepEqual([-1, 3.5, 5, 15, 30].map(powerMw), [0, 0.5, 1.5, 2, 2])
})

test('a table of uneven steps is looked up in the right interval everywhere', () => {
  const speedsMs = [0, 0.1, 0.1 + 1e-9, 0.3, 7, 7.5, 24.9, 25]
  const squares = speedsMs.map((speedMs) => speedMs * speedMs)
  const powerMw = tabulatedPowerCurve(speedsMs, squares)
  for (let step = 0; step <= 25_000; step++) {
    const speedMs = step / 1000
    const after = Math.max(
      1,
      speedsMs.findIndex((upper) => upper >= speedMs),
    )
    const share = (speedMs - speedsMs[after - 1]!) / (speedsMs[after]! - speedsMs[after - 1]!)
    const expected = squares[after - 1]! + share * (squares[after]! - squares[after - 1]!)
    assert.ok(Math.abs(powerMw(speedMs) - expected) < 1e-10)
  }
})

test('a table that does not rise or is too short is refused', () => {
  assert.throws(() => tabulatedPowerCurve([3], [0]), RangeError)
  assert.throws(() => tabulatedPowerCurve([3, 4], [0]), RangeError)
  assert.throws(() => tabulatedPowerCurve([3, 3], [0, 1]), RangeError)
})
