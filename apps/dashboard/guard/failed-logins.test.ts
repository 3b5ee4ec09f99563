import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createFailedLogins } from './failed-logins.ts'

const limits = { withinMs: 60_000, ofOne: 3, ofAll: 5 }

function failedLogins() {
  const clock = { at: 0, now: () => clock.at, sleep: async () => undefined }
  return { clock, failures: createFailedLogins(clock, limits) }
}

describe('wrong passwords', () => {
  it('make one address wait after so many, until the first of them is forgotten', () => {
    const { clock, failures } = failedLogins()
    for (const at of [0, 10_000, 20_000]) {
      clock.at = at
      assert.equal(failures.waitMs('a'), 0)
      failures.add('a')
    }
    assert.equal(failures.waitMs('a'), 40_000)
    assert.equal(failures.waitMs('b'), 0, 'nobody else waits')
    clock.at = 60_000
    assert.equal(failures.waitMs('a'), 0)
  })

  it('make everybody wait when they come from many addresses', () => {
    const { failures } = failedLogins()
    for (const address of ['a', 'b', 'c', 'd', 'e']) failures.add(address)
    assert.equal(failures.waitMs('f'), 60_000)
  })
})
