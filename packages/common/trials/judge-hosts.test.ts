import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { badHosts } from './judge-hosts.ts'
import { emptyTrialBook, noteTrial, type TrialBook, trialsIn } from './note-trial.ts'

/** What a sweep has seen, told as `HOST+` (succeeded) and `HOST-` (failed), each of a configuration of its own. */
function seen(story: string, book: TrialBook = emptyTrialBook()): TrialBook {
  for (const word of story.split(' ').filter(Boolean)) {
    const [host, index] = [word.slice(0, -1), book.succeeded + book.failed]
    noteTrial(book, trialOf(host, word.endsWith('+')), { index, epoch: 0, attempt: `a${index}` })
  }
  return book
}
const trialOf = (host: string, isSuccess: boolean) =>
  isSuccess ? { host } : { host, fingerprint: 'of old age', blamesHost: true }
const times = (count: number, story: string) => `${story} `.repeat(count)
const named = (book: TrialBook, after: number | undefined = 10) =>
  badHosts(trialsIn(book), after).map(({ streak }) => streak.host)

describe('a bad host', () => {
  it('is one where the last ten failed while others succeed, and no sooner', () => {
    assert.deepEqual(named(seen(`good+ ${times(9, 'bad-')} good+`)), [])
    const [found, ...more] = badHosts(trialsIn(seen(`good+ ${times(10, 'bad-')} good+`)), 10)
    assert.deepEqual([found?.streak.host, found?.streak.failures, found?.succeededElsewhere], ['bad', 10, 1])
    assert.deepEqual(more, [])
  })

  it('is none that succeeds once in a while', () => {
    assert.deepEqual(named(seen(times(5, `${times(9, 'odd-')} odd+ good+`))), [])
  })

  it('is none when nobody has succeeded since it began to fail', () => {
    assert.deepEqual(named(seen(`${times(30, 'good+')} ${times(30, 'bad-')}`)), [])
  })

  it('is none where one poison configuration fails again and again, or that of few', () => {
    const book = seen('good+ good+')
    for (let n = 0; n < 40; n++) noteTrial(book, trialOf('h', false), { index: n % 9, epoch: 0, attempt: `p${n}` })
    assert.deepEqual(named(seen('good+ good+', book)), [])
  })

  it('is none where everything failed that would have failed anywhere', () => {
    const book = seen('good+')
    for (let index = 100; index < 130; index++) {
      const trial = { host: 'h', fingerprint: 'no feasible positions', blamesHost: false }
      noteTrial(book, trial, { index, epoch: 0, attempt: 'x' })
    }
    assert.deepEqual(named(seen('good+', book)), [])
  })

  it('is none when everybody fails, nor when most of what others do fails', () => {
    assert.deepEqual(named(seen(times(40, 'a- b-'))), [])
    assert.deepEqual(named(seen(`${times(20, 'a- b- b+')}`)), [], 'half of it elsewhere')
    assert.deepEqual(named(seen(`${times(20, 'a- b+ b+ b+ b-')} b+ b+ b+`)), ['a'], 'a quarter of it elsewhere')
  })

  it('is found among others like it', () => {
    assert.deepEqual(named(seen(`${times(12, 'a- b- c-')} good+`)), ['a', 'b', 'c'])
  })

  it('is none when the only one that succeeded fails like it by now', () => {
    assert.deepEqual(named(seen(`${times(12, 'a-')} b+ ${times(12, 'b- a-')}`)), [])
  })

  it('is none when all that succeeded meanwhile was under way on a host that is set aside: the last one is left', () => {
    const book = seen(`good+ ${times(10, 'a-')} good+`)
    book.hosts.set('a', { ...book.hosts.get('a')!, isSetAside: true })
    assert.deepEqual(named(seen(`${times(10, 'good-')} a+`, book)), [])
  })

  it('is not found twice, and what it did before counts for nothing against another', () => {
    const book = seen(`${times(10, 'a-')} good+`)
    book.hosts.set('a', { ...book.hosts.get('a')!, isSetAside: true })
    assert.deepEqual(named(book), [])
    assert.deepEqual(named(seen(`${times(10, 'b- good- good+')}`, book)), [], 'half of it fails elsewhere')
    assert.deepEqual(named(seen(`good+ ${times(10, 'c-')} good+`, book)), ['c'])
  })

  it('is none where the policy says so', () => {
    const book = seen(`${times(50, 'a-')} good+`)
    assert.deepEqual(badHosts(trialsIn(book), undefined), [])
    assert.deepEqual(named(book, 60), [])
  })
})
