import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, formatDurationRange } from './durations.ts'

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

test('a duration has its two largest units', () => {
  assert.deepEqual(
    [340, 45 * second, 2 * minute + 5 * second, 3 * hour + 20 * minute, 5 * day + 3 * hour, 2 * hour].map(
      formatDuration,
    ),
    ['340 ms', '45 s', '2 min 5 s', '3 h 20 min', '5 d 3 h', '2 h'],
  )
})

test('an estimate is rough', () => {
  assert.equal(formatDurationRange({ lowMs: 41 * second, highMs: 124 * second }), '41 s to 2 min')
  assert.equal(formatDurationRange({ lowMs: 1.62 * hour, highMs: 3.1 * day }), '1.6 h to 3.1 d')
})

test('a range whose ends read the same is one duration', () => {
  assert.equal(formatDurationRange({ lowMs: 120_100, highMs: 121_000 }), '2 min')
  assert.equal(formatDurationRange({ lowMs: 0, highMs: 0 }), '1 s')
})
