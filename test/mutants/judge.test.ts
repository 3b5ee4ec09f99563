import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultOfHealthy, judge, type TestEnd, type TestRun } from './judge.ts'

const ended = (name: string, outcome: TestEnd['outcome'], error?: string): TestEnd => ({
  name,
  outcome,
  ...(error !== undefined && { error: { name: error, message: 'x is not as it was' } }),
})
const run = (...ends: TestEnd[]): TestRun => ({ ends, hung: false, seconds: 1 })
const healthy = run(ended('adds', 'passed'), ended('takes away', 'passed'), ended('divides', 'skipped'))

describe('a planted bug', () => {
  it('is caught when a test fails that passes without it', () => {
    const mutated = run(ended('adds', 'passed'), ended('takes away', 'failed', 'AssertionError'))
    assert.deepEqual(judge(healthy, mutated), { verdict: 'caught', by: 'takes away', others: 0 })
  })

  it('is caught when the tests hang', () => {
    assert.deepEqual(judge(healthy, { ...run(), hung: true }), { verdict: 'hung' })
  })

  it('survives when every test passes, and when only others fail', () => {
    const passing = [ended('adds', 'passed'), ended('takes away', 'passed')]
    assert.deepEqual(judge(healthy, run(...passing)), { verdict: 'survived' })
    assert.deepEqual(judge(healthy, run(...passing, ended('divides', 'failed'))), { verdict: 'survived' })
  })

  it('is not caught by a file that no longer starts, or ends before its tests', () => {
    const broken = judge(healthy, run(ended('/tmp/adding.test.ts', 'failed', 'SyntaxError')))
    assert.deepEqual(broken, { verdict: 'nothing told', why: 'the test file no longer starts' })
    assert.equal(judge(healthy, run(ended('adds', 'passed'))).verdict, 'nothing told')
  })

  it('is not caught by code that names what is not there: that is a broken patch', () => {
    const mutated = run(ended('adds', 'failed', 'ReferenceError'), ended('takes away', 'failed', 'AssertionError'))
    assert.deepEqual(judge(healthy, mutated), {
      verdict: 'nothing told',
      why: 'the patch is broken: x is not as it was',
    })
  })
})

describe('tests without any bug planted', () => {
  it('cannot judge one when they fail, hang, or are not run', () => {
    assert.equal(faultOfHealthy(healthy), undefined)
    assert.equal(faultOfHealthy(run(ended('adds', 'failed'))), 'without it fails: adds')
    assert.equal(faultOfHealthy({ ...healthy, hung: true }), 'they hang without it')
    assert.equal(faultOfHealthy(run(ended('adds', 'skipped'))), 'no test is run')
  })
})
