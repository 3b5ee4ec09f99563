import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asksForJudgement, rowThatPauses, type SweepOnTrial } from './judge-sweep.ts'
import { emptyTrialBook, noteTrial, type TrialBook, trialsIn } from './note-trial.ts'

const beginning: SweepOnTrial = { total: 300, attempts: 3, committed: 0, open: 280, runningOn: ['a'] }
const wellUnderWay = { ...beginning, committed: 100 }

function failures(count: number, { on = ['a'], of = 'no module', book = emptyTrialBook() } = {}): TrialBook {
  for (let n = 0; n < count; n++) {
    const trial = { host: on[n % on.length]!, fingerprint: of, blamesHost: true }
    noteTrial(book, trial, { index: n, epoch: 0, attempt: `a${n}` })
  }
  return book
}
const pauses = (book: TrialBook, sweep: SweepOnTrial = beginning) => rowThatPauses(trialsIn(book), sweep) !== undefined

describe('a sweep', () => {
  it('pauses itself when its first twenty attempts fail alike, and no sooner', () => {
    assert.equal(pauses(failures(19)), false)
    const row = rowThatPauses(trialsIn(failures(20)), beginning)
    const last = { index: 19, epoch: 0, attempt: 'a19' }
    assert.deepEqual(row, { failures: 20, fingerprint: 'no module', hosts: ['a'], last })
  })

  it('of which something is committed pauses itself after fifty in a row', () => {
    assert.equal(pauses(failures(49), wellUnderWay), false)
    assert.equal(pauses(failures(50), wellUnderWay), true)
  })

  it('counts anew when something succeeds, and when another failure comes between', () => {
    const book = failures(19)
    noteTrial(book, { host: 'a' }, { index: 99, epoch: 0, attempt: 'x' })
    assert.equal(trialsIn(book).row, undefined)
    assert.equal(pauses(failures(19, { book })), false)
    const mixed = failures(1, { of: 'no memory', book: failures(19) })
    assert.equal(pauses(mixed), false, 'twenty, but not alike')
    assert.equal(pauses(failures(19, { book: mixed })), false, 'thirty-eight alike, but not in a row')
  })

  it('goes on while there is a host that has not come to a verdict', () => {
    const alone = failures(60)
    for (const sweep of [beginning, wellUnderWay]) {
      assert.equal(pauses(alone, { ...sweep, runningOn: ['a', 'b'] }), false)
      assert.equal(pauses(failures(60, { on: ['a', 'b'] }), { ...sweep, runningOn: ['a', 'b'] }), true)
    }
  })

  it('does not count what failed on a host that is set aside', () => {
    const book = failures(60)
    book.hosts.set('a', { ...book.hosts.get('a')!, isSetAside: true })
    assert.equal(pauses(book, { ...beginning, runningOn: [] }), false)
  })

  it('never pauses itself with fewer than twenty attempts in all, or with nothing left to be spared', () => {
    assert.equal(pauses(failures(60), { ...beginning, total: 6 }), false)
    assert.equal(pauses(failures(60), { ...beginning, open: 0 }), false)
  })
})

describe('a failure', () => {
  it('asks for judgement when it is the one that may decide', () => {
    const asking = (inARow: number, onHost: number) => asksForJudgement({ inARow, onHost }, 10)
    assert.deepEqual(
      [asking(1, 1), asking(20, 3), asking(50, 3), asking(12, 10), asking(51, 11)],
      [false, true, true, true, false],
    )
    assert.equal(asksForJudgement({ inARow: 3, onHost: 10 }, undefined), false)
  })
})
