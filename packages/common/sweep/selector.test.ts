import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigurationState } from '../ledger/states.ts'
import { planOfSpecification } from './expand.ts'
import { matches, parseSelector } from './selector.ts'
import { smallSpecification } from './small-specification.ts'

const plan = planOfSpecification(smallSpecification())

function selected(texts: string[], of: { state?: ConfigurationState; error?: string } = {}): string[] {
  const selector = parseSelector(texts, plan.fieldNames)
  const all = Array.from({ length: plan.total }, (_, index) => plan.at(index))
  return all
    .filter((configuration) => matches(selector, { configuration, state: 'pending', ...of }))
    .map(({ key }) => key)
}

test('terms must all hold, a comma list is one of its values, a range has both its ends', () => {
  assert.deepEqual(selected(['area_idx=1', 'type=small', 'seed=0,2']), ['a1_small_s0', 'a1_small_s2'])
  assert.deepEqual(selected(['type=big seed=1..2 area_idx=0']), ['a0_big_s1', 'a0_big_s2'])
  assert.equal(selected(['seed=0,2..9']).length, 8)
  assert.equal(selected(['D=79.5..80']).length, 6)
  assert.equal(selected(['D=80.0']).length, 6)
  assert.equal(selected([]).length, 12)
  assert.equal(selected(['area_idx=7']).length, 0)
})

test('keys are taken by pattern', () => {
  assert.deepEqual(selected(['key=a0_b*_s?', 'seed=0']), ['a0_big_s0'])
  assert.deepEqual(selected(['key=a0_big_s0,a1_big_s0']), ['a0_big_s0', 'a1_big_s0'])
  assert.deepEqual(selected(['key=a0']), [])
})

test('states go by the words of the status, and missing is whatever is not committed', () => {
  const words = ['pending', 'running', 'retrying', 'committed', 'quarantined', 'dead', 'cancelled', 'missing']
  const wordsFor = (state: ConfigurationState) =>
    words.filter((word) => selected([`state=${word}`], { state }).length === 12)
  assert.deepEqual(wordsFor('pending'), ['pending', 'missing'])
  assert.deepEqual(wordsFor('committed'), ['committed'])
  assert.deepEqual(wordsFor('dead-corrupt'), ['quarantined', 'missing'])
  assert.deepEqual(wordsFor('dead-failed'), ['dead', 'missing'])
  assert.equal(selected(['state=dead,quarantined'], { state: 'dead-corrupt' }).length, 12)
})

test('errors are searched in any case, spaces and all', () => {
  const error = 'ATTEMPT_MEMORY: ran out of memory'
  assert.equal(selected(['error~Out of Memory state=dead'], { error, state: 'dead-failed' }).length, 12)
  assert.equal(selected(['error~disk'], { error }).length, 0)
  assert.equal(selected(['error~memory']).length, 0)
})

test('only terms about states and errors need a ledger', () => {
  assert.equal(parseSelector(['seed=1', 'key=a*']).needsState, false)
  assert.equal(parseSelector(['seed=1 state=dead']).needsState, true)
  assert.equal(parseSelector(['error~x']).needsState, true)
})

test('what is not understood is named, with the fields there are', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => parseSelector([text], plan.fieldNames), { code: 'SELECTOR_INVALID', message })
  refused(
    'areaidx=1',
    /'areaidx=1' .*no field areaidx. Did you mean area_idx\? Fields of the sweep: area_idx, type, seed, .*; and key, state, error/,
  )
  refused('state=ded', /there is no state ded. Did you mean dead\? States: pending, running/)
  refused('seed', /not FIELD=VALUE/)
  refused('seed=', /not FIELD=VALUE/)
  refused('seed~1', /only error/)
  refused('seed=3..1', /'seed=3\.\.1' .*the range 3\.\.1 is empty/)
  refused('seed=1,,2', /a value is empty/)
  refused('key=a/b', /neither a key nor a pattern/)
  refused('constructor=1', /no field constructor/)
})
