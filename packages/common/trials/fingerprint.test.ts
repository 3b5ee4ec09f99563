import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fingerprintOf } from './fingerprint.ts'

const failed = (message: string, code = 'OPTIMIZER_FAILED') => ({ code, message })

describe('the fingerprint of a failure', () => {
  const alike: readonly (readonly [string, string, string])[] = [
    ['numbers', 'ended with status 7 after 12.5 s', 'ended with status 139 after -3e-4 s'],
    ['paths', "No module named 'floris' in /opt/env-3/lib/python3.11", "No module named 'floris' in /home/me/env/lib"],
    ['paths relative to a folder', 'cannot read ./inputs/farm3.json', 'cannot read ../other/farm.json'],
    ['paths of Windows and addresses', 'cannot read C:\\tmp\\a.txt', 'cannot read file:///tmp/b.txt'],
    ['hexadecimal', '<Farm object at 0x7f3a9c>: token 9f86d081', '<Farm object at 0xdeadbeef>: token c2a61b3f'],
    [
      'identifiers',
      'run 3b241101-e2bb-4255-8caf-4136c566a962 was refused',
      'run 6fa459ea-ee8a-3ca4-894e-db77e160355e was refused',
    ],
    ['white space', 'Traceback:\n  no  convergence', 'Traceback: no convergence'],
  ]
  for (const [what, one, other] of alike) {
    it(`does not depend on ${what}`, () => {
      assert.equal(fingerprintOf(failed(one), 'a_1'), fingerprintOf(failed(other), 'b_2'))
    })
  }

  it('does not depend on the key of the configuration', () => {
    const [one, other] = ['farm0_east', 'farm1_west'].map((key) => fingerprintOf(failed(`${key}: no convergence`), key))
    assert.equal(one, 'OPTIMIZER_FAILED: <key>: no convergence')
    assert.equal(one, other)
  })

  it('differs with the error code and with the words', () => {
    const all = [
      failed('no convergence'),
      failed('no convergence', 'ATTEMPT_TIMEOUT'),
      failed('no memory'),
      failed('cannot read /a/b'),
    ].map((failure) => fingerprintOf(failure, 'k'))
    assert.equal(new Set(all).size, 4)
  })

  it('is short, and well-formed where it is cut', () => {
    const fingerprint = fingerprintOf(failed('\u{1f300}'.repeat(500)), 'k')
    assert.ok(fingerprint.length <= 200)
    assert.ok(fingerprint.isWellFormed())
  })
})
