import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decay } from './decay.ts'

describe('decay', () => {
  it('is exp(-x) to within two units in the last place', () => {
    for (let i = 0; i <= 700_000; i++) {
      const x = i / 1000 + (i % 7) * 1e-5
      if (x > 700) continue
      const exact = Math.exp(-x)
      assert.ok(Math.abs(decay(x) - exact) <= 2 * Number.EPSILON * exact, `${x}: ${decay(x)} ${exact}`)
    }
  })

  it('is 1 at 0, and does not rise at the seams of its tables', () => {
    assert.equal(decay(0), 1)
    for (let n = 1; n < 5000; n++) {
      const seam = (n * Math.LN2) / 64
      assert.ok(decay(seam - 1e-12) > decay(seam + 1e-12), `${n}`)
    }
  })
})
