import assert from 'node:assert/strict'
import { test } from 'node:test'
import { weighRows } from './weigh-rows.ts'
import type { RowFacts } from './wreck-facts.ts'

const row = (key: string, changes: Partial<RowFacts> = {}): RowFacts => ({
  ...{ file: 0, place: `/${key}`, key, index: 0, content: key, aepGWh: 1, fault: undefined },
  ...changes,
})

test('a row and its copies count once, and the first file is named', () => {
  const { good, copies, conflicts } = weighRows([row('a', { file: 2 }), row('b'), row('a', { file: 5 })])
  assert.deepEqual([[...good.keys()], good.get('a')?.file, copies, conflicts.size], [['a', 'b'], 2, 1, 0])
})

test('rows of one configuration that differ are a conflict, however many agree', () => {
  const { good, copies, conflicts } = weighRows([row('a'), row('a', { file: 1 }), row('a', { file: 2, content: 'x' })])
  assert.deepEqual([good.size, copies], [0, 0])
  assert.deepEqual(
    conflicts.get('a')?.map(({ file }) => file),
    [0, 1, 2],
  )
})

test('a bad row contradicts nothing and stands beside a good one', () => {
  const fault = { cause: 'nan_aep', detail: 'Its aep is NaN.' } as const
  const { good, bad, conflicts } = weighRows([row('a', { fault, content: '' }), row('a', { file: 1 })])
  assert.deepEqual([good.get('a')?.file, bad.length, conflicts.size], [1, 1, 0])
})
