import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluation } from '../results/problem-evaluation.ts'
import { judgeRow, type RowExpectation } from './judge-row.ts'
import type { WreckRow } from './wreck.ts'

const good: WreckRow = {
  ...{
    place: '/farm0_t1_s2',
    key: 'farm0_t1_s2',
    fields: {},
    aep: 9.5,
    claimedTurbines: 3,
    fault: undefined,
    others: [],
  },
  attributes: { farm_idx: 0n, type_idx: 1n, ss_seed: 2n, n_turbines: 3n, status: 'success' },
  layout: Float64Array.of(0, 1000, 2000, 0, 0, 0),
}
const expectation: RowExpectation = {
  attributes: { farm_idx: 0n, type_idx: 1n, ss_seed: 2n, diameter: 200 },
  nTurbines: 3,
  boundary: { x: [-1, 3000, 3000, -1], y: [-1, -1, 3000, 3000] },
  minSpacingM: 600,
}
const causeOf = (changes: Partial<WreckRow>, held: RowExpectation = expectation) =>
  judgeRow({ ...good, ...changes }, held, evaluation)?.cause

test('a row with which everything agrees has no fault, with a specification and without', () => {
  assert.equal(causeOf({}), undefined)
  assert.equal(causeOf({}, {}), undefined)
  assert.equal(causeOf({ attributes: {}, claimedTurbines: undefined }), undefined)
})

test('every kind of damage has its cause', () => {
  const unreadable = { cause: 'unreadable', detail: 'The chunk is broken.' } as const
  assert.equal(causeOf({ fault: unreadable }), 'unreadable')
  assert.equal(causeOf({ attributes: { status: 'failed' } }), 'not_success')
  assert.equal(causeOf({ attributes: { farm_idx: 1n } }), 'key_mismatch')
  assert.equal(causeOf({ attributes: { diameter: 240 } }), 'key_mismatch')
  assert.equal(causeOf({ fields: { ss_seed: 3 } }), 'key_mismatch')
  assert.equal(causeOf({ aep: undefined }), 'missing_aep')
  assert.equal(causeOf({ aep: Number.NaN }), 'nan_aep')
  assert.equal(causeOf({ attributes: { aep: 9.4 } }), 'aep_mismatch')
  assert.equal(causeOf({ layout: Float64Array.of(0, 1000, 0, 0) }), 'wrong_n')
  assert.equal(causeOf({ claimedTurbines: 4 }), 'wrong_n')
  assert.equal(causeOf({ layout: Float64Array.of(0, 1000, Number.NaN, 0, 0, 0) }), 'nan_layout')
  assert.equal(causeOf({ layout: Float64Array.of(0, 1000, 2000, 0, 0, -2) }), 'outside')
  assert.equal(causeOf({ layout: Float64Array.of(0, 1000, 1500, 0, 0, 0) }), 'too_close')
})

test('without a specification a row is still held against itself', () => {
  assert.equal(causeOf({ attributes: { farm_idx: 1n } }, {}), 'key_mismatch')
  assert.equal(causeOf({ claimedTurbines: 4 }, {}), 'wrong_n')
  assert.equal(causeOf({ key: 'north-7', attributes: { farm_idx: 1n } }, {}), undefined)
})
