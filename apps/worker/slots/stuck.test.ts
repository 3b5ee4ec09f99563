import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createStuckWatch, type Idleness, idlenessAfter, type WorkerLook } from './stuck.ts'

const limits = { afterMs: 120_000, longestGapMs: 5_000 }
const idle: WorkerLook = { now: 0, lastStartAt: undefined, waiting: 3, freeSlots: 2, gateOpen: true }

/** What a worker thinks of itself after these looks, one every 4 s unless they say when. */
function after(looks: readonly Partial<WorkerLook>[], before?: Idleness): Idleness {
  return looks.reduce<Idleness | undefined>((idleness, look) => {
    const now = (idleness?.lookedAt ?? 0) + 4_000
    return idlenessAfter(idleness, { ...idle, now, ...look }, limits)
  }, before)!
}
const looks = (count: number, look: Partial<WorkerLook> = {}) => new Array<Partial<WorkerLook>>(count).fill(look)

describe('a worker', () => {
  it('is stuck when work has waited for the whole time that it could have begun, and no sooner', () => {
    assert.equal(after(looks(30)).isStuck, false, 'for 116 s')
    assert.equal(after(looks(31)).isStuck, true, 'for 120 s')
  })

  for (const [why, look] of [
    ['nothing waits, or all of it is paused', { waiting: 0 }],
    ['every slot is taken', { freeSlots: 0 }],
    ['it waits for an outage to end', { gateOpen: false }],
  ] as const) {
    it(`is not stuck while ${why}, and is given the whole time afterwards`, () => {
      assert.equal(after(looks(100, look)).isStuck, false)
      const once = [...looks(29), look, ...looks(29)]
      assert.equal(after(once).isStuck, false)
      assert.equal(after([...once, {}]).isStuck, true)
    })
  }

  it('is not stuck when it begins something once in a while', () => {
    const started = after([...looks(29), { now: 120_000, lastStartAt: 119_999 }])
    assert.equal(started.idleMs, 0)
    assert.equal(after(looks(29, { lastStartAt: 119_999 }), started).isStuck, false)
    assert.equal(after(looks(30, { lastStartAt: 119_999 }), started).isStuck, true)
  })

  it('does not take the time for its own in which it could not look', () => {
    const woken = after([...looks(10), { now: 3_600_000 }])
    assert.deepEqual([woken.isStuck, woken.idleMs], [false, 36_000 + 5_000])
    assert.equal(after([{ now: -1_000 }], woken).idleMs, woken.idleMs, 'nor a clock that is set back')
  })

  it('stays stuck until it begins something, also when others have done the work meanwhile', () => {
    const stuck = after(looks(31))
    assert.equal(after(looks(5, { waiting: 0 }), stuck).isStuck, true)
    const again = after([{ lastStartAt: stuck.lookedAt + 1 }], stuck)
    assert.deepEqual([again.isStuck, again.idleMs], [false, 0])
  })
})

describe('the watch over a worker', () => {
  it('says once that it is stuck, in which sweeps, and once that it is not any more', () => {
    const said: (string | undefined)[] = []
    const clock = { at: 0, now: () => clock.at }
    const watch = createStuckWatch({
      ...{ slots: 4, afterMs: 60_000, longestGapMs: 2_000, gate: { open: true }, clock },
      onChange: (why) => said.push(why),
    })
    const look = () => {
      clock.at += 1_000
      watch.look([
        { sweep: 'old', waiting: 0, running: 1 },
        { sweep: 'new', waiting: 7, running: 0 },
      ])
    }
    for (let i = 0; i < 70; i++) look()
    assert.deepEqual(said, ['3 of 4 slots are free and jobs wait (7 of new), but none has begun for 60 s.'])
    watch.began()
    look()
    look()
    assert.equal(said.length, 2)
    assert.equal(said[1], undefined)
  })
})
