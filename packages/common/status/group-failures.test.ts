import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainFailures, groupFailures, type TriedConfiguration } from './group-failures.ts'

/** Farms 0..3 x types 0..2 x seeds 0..4; those for which `fails` holds have failed. */
function tried(fails: (fields: { farm: number; type: number; seed: number }) => boolean): TriedConfiguration[] {
  const all = [0, 1, 2, 3].flatMap((farm) =>
    [0, 1, 2].flatMap((type) => [0, 1, 2, 3, 4].map((seed) => ({ farm, type, seed }))),
  )
  return all.map((fields) => ({ fields, failed: fails(fields) }))
}

test('the axis value that all failures share, and that always fails, explains them', () => {
  assert.deepEqual(explainFailures(tried(({ farm }) => farm === 3)), [
    { field: 'farm', value: 3, failures: 15, ofFailures: 15, ofTried: 15 },
  ])
})

test('a value that explains most of the failures is named before one that explains fewer', () => {
  const found = explainFailures(tried(({ farm, type }) => farm === 1 && type > 0))
  assert.equal(found[0]?.field, 'farm')
  assert.equal(found[0]?.failures, 10)
})

test('failures spread evenly have no explanation', () => {
  assert.deepEqual(explainFailures(tried(({ farm, type, seed }) => (farm + type + seed) % 4 === 0)), [])
  assert.deepEqual(explainFailures(tried(() => true)), [])
})

test('one failure is no pattern', () => {
  assert.deepEqual(explainFailures(tried(({ farm, type, seed }) => farm + type + seed === 0)), [])
})

test('of the fields of one axis only one is named', () => {
  const named = tried(({ farm }) => farm === 2).map(({ fields, failed }) => ({
    fields: { ...fields, name: `area ${fields.farm}` },
    failed,
  }))
  assert.equal(explainFailures(named).length, 1)
})

test('failures are grouped, the most frequent first, each with an example', () => {
  const failure = (key: string, cause: string) => ({ key, cause, message: `${key} failed`, host: 'a' })
  const failures = [failure('k0', 'X'), failure('k1', 'Y'), failure('k2', 'Y')]
  assert.deepEqual(groupFailures(failures, 'cause'), [
    { name: 'Y', count: 2, of: 3, example: { key: 'k1', message: 'k1 failed' } },
    { name: 'X', count: 1, of: 3, example: { key: 'k0', message: 'k0 failed' } },
  ])
  assert.deepEqual(
    groupFailures(failures, 'host').map(({ name, count }) => [name, count]),
    [['a', 3]],
  )
})
