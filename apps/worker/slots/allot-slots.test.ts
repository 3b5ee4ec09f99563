import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allotSlots } from './allot-slots.ts'

describe('allotSlots', () => {
  it('gives free slots to the oldest sweep that has work', () => {
    const allotted = allotSlots(4, [
      { sweep: 'old', waiting: 3, running: 0 },
      { sweep: 'new', waiting: 9, running: 0 },
    ])
    assert.deepEqual(
      [...allotted],
      [
        ['old', 3],
        ['new', 1],
      ],
    )
  })

  it('takes no slot from what runs', () => {
    const allotted = allotSlots(4, [
      { sweep: 'old', waiting: 9, running: 0 },
      { sweep: 'new', waiting: 9, running: 3 },
    ])
    assert.deepEqual(
      [...allotted],
      [
        ['old', 1],
        ['new', 3],
      ],
    )
  })

  it('keeps slots ready for the oldest when nothing waits', () => {
    const allotted = allotSlots(4, [
      { sweep: 'old', waiting: 0, running: 1 },
      { sweep: 'new', waiting: 0, running: 0 },
    ])
    assert.deepEqual(
      [...allotted],
      [
        ['old', 4],
        ['new', 0],
      ],
    )
  })

  it('never gives more than it has, but for what runs already', () => {
    const allotted = allotSlots(2, [
      { sweep: 'old', waiting: 5, running: 0 },
      { sweep: 'new', waiting: 0, running: 3 },
    ])
    assert.deepEqual(
      [...allotted],
      [
        ['old', 0],
        ['new', 3],
      ],
    )
  })
})
