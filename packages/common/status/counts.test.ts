import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counted, formatBytes, grouped, outOf } from './counts.ts'

test('a count comes with its denominator', () => {
  assert.equal(outOf(22, 24), '22 of 24')
  assert.equal(outOf(0, 1_000_000), '0 of 1,000,000')
})

test('thousands are set apart', () => {
  assert.deepEqual([1, 999, 1000, 12_345, 1_234_567].map(grouped), ['1', '999', '1,000', '12,345', '1,234,567'])
})

test('one is singular', () => {
  assert.deepEqual([counted(1, 'attempt'), counted(0, 'attempt')], ['1 attempt', '0 attempts'])
})

test('sizes have a unit and no more digits than they need', () => {
  assert.deepEqual([0, 512, 1400, 82_834, 99_600, 999_700, 1.5e9].map(formatBytes), [
    '0 B',
    '512 B',
    '1.4 kB',
    '83 kB',
    '100 kB',
    '1.0 MB',
    '1.5 GB',
  ])
})
