import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LeavingFacts, type LeavingRules, whenToLeave } from './when-to-leave.ts'

const start: LeavingFacts = { now: 1_000, startedAt: 1_000, busyAt: 1_000, running: 0, isSettled: false }
const kindOf = (rules: LeavingRules, facts: Partial<LeavingFacts>) => whenToLeave(rules, { ...start, ...facts }).kind

describe('a worker', () => {
  it('without rules stays', () => {
    assert.equal(kindOf({}, { now: 1e12, isSettled: true }), 'stay')
  })

  it('leaves when its sweep is settled, after what still runs here', () => {
    const rules = { doneSweep: 'small' }
    assert.equal(kindOf(rules, { now: 1e9 }), 'stay')
    assert.equal(kindOf(rules, { isSettled: true, running: 1 }), 'finish')
    assert.deepEqual(whenToLeave(rules, { ...start, isSettled: true }), {
      kind: 'leave',
      reason: 'small is settled (--exit-when-done)',
    })
  })

  it('leaves when nothing has run here for so long, and not before', () => {
    const rules = { idleMs: 60_000 }
    assert.equal(kindOf(rules, { now: 60_999 }), 'stay')
    assert.equal(kindOf(rules, { now: 61_000 }), 'leave')
    assert.equal(kindOf(rules, { now: 61_000, busyAt: 30_000 }), 'stay')
    assert.equal(kindOf(rules, { now: 1e9, running: 1 }), 'stay')
  })

  it('drains when its time is up, whatever else holds', () => {
    const rules = { doneSweep: 'small', idleMs: 1, drainAfterMs: 5_000 }
    assert.equal(kindOf({ drainAfterMs: 5_000 }, { now: 5_999 }), 'stay')
    assert.equal(kindOf(rules, { now: 6_000, isSettled: true, running: 2 }), 'drain')
  })
})
