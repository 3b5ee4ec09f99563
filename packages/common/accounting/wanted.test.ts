import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { smallPlan } from '../../../test/fixtures/small-plan.ts'
import type { Action } from '../records/action.ts'
import { isInRanges, rangesOf } from './index-ranges.ts'
import { selectedBy, wantedBy } from './wanted.ts'

/** Six configurations: two farms, three seeds each. */
const plan = await smallPlan()

const action = (kind: Action['action'], facts: Partial<Action> = {}): Action => ({
  ...{ schema: 1, sweep: 'small', action: kind, selector: [], by: 'test', at: '2026-01-01T00:00:00.000Z' },
  ...facts,
})
const select = (...selector: string[]) => action('select', { selector })
const cancel = (...places: number[]) => action('cancel', { configurations: rangesOf(places) })
const rerun = (...places: number[]) => action('rerun', { configurations: rangesOf(places) })

function wanted(...actions: Action[]): number[] {
  const test = wantedBy(actions, plan)
  return [0, 1, 2, 3, 4, 5].filter((index) => !test || test(index))
}

describe('what is wanted of a sweep', () => {
  it('is everything until somebody selects', () => {
    assert.equal(wantedBy([], plan), undefined)
    assert.equal(wantedBy([select(), action('pause'), action('rerun')], plan)?.(3) ?? true, true)
  })

  it('is what the newest selection names, less what was cancelled since', () => {
    assert.deepEqual(wanted(select('farm_idx=1')), [3, 4, 5])
    assert.deepEqual(wanted(select('farm_idx=1'), cancel(4)), [3, 5])
    assert.deepEqual(wanted(cancel(0, 1, 2)), [3, 4, 5], 'without any selection, too')
  })

  it('is the same whatever was cancelled before the newest selection: to select is to say what is wanted', () => {
    assert.deepEqual(wanted(select(), cancel(0, 1, 2, 3, 4, 5), select()), [0, 1, 2, 3, 4, 5])
    assert.deepEqual(wanted(cancel(3), select('farm_idx=1')), [3, 4, 5])
  })

  it('follows the last of cancel and rerun that names a configuration', () => {
    assert.deepEqual(wanted(select(), cancel(0, 1, 2), rerun(1)), [1, 3, 4, 5])
    assert.deepEqual(wanted(select(), cancel(0, 1, 2), rerun(1), cancel(1)), [3, 4, 5])
    assert.deepEqual(wanted(select('farm_idx=1'), rerun(0)), [0, 3, 4, 5], 'a rerun wants what --only left out')
  })

  it('tells what was selected from what was cancelled: a cancelled configuration is a shortfall', () => {
    assert.equal(selectedBy([select(), cancel(0)], plan), undefined)
    assert.equal(selectedBy([select('farm_idx=1'), cancel(4)], plan)?.(4), true)
  })
})

describe('places of configurations', () => {
  it('are kept as ranges, and found in them', () => {
    assert.deepEqual(rangesOf([0, 1, 2, 7, 9, 10]), [
      [0, 2],
      [7, 7],
      [9, 10],
    ])
    const ranges = rangesOf([1, 2, 3, 50, 99])
    const found = Array.from({ length: 120 }, (_, index) => index).filter((index) => isInRanges(ranges, index))
    assert.deepEqual(found, [1, 2, 3, 50, 99])
    assert.equal(isInRanges([], 0), false)
  })
})
