import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateRemaining, type ProgressSample, ratePerMinute } from './eta.ts'

const minute = 60_000

/** One settlement every `everyMs`. */
function steady(count: number, everyMs: number, from: ProgressSample = { atMs: 0, done: 0 }): ProgressSample[] {
  return Array.from({ length: count + 1 }, (_, i) => ({ atMs: from.atMs + i * everyMs, done: from.done + i }))
}

test('the range holds what a steady rate leads to', () => {
  const range = estimateRemaining({ done: 100, total: 200, samples: steady(100, 1000) })
  assert.ok(range && range.lowMs < 100_000 && range.highMs > 100_000, JSON.stringify(range))
})

test('the range narrows as settlements come in, and never becomes a single figure', () => {
  const spread = (settled: number) => {
    const range = estimateRemaining({ done: settled, total: settled + 1000, samples: steady(settled, 1000) })
    return range!.highMs / range!.lowMs
  }
  assert.ok(spread(5) > spread(50))
  assert.ok(spread(50) > spread(500))
  assert.ok(spread(500) > 1)
})

test('a rate that has changed widens the range to both rates', () => {
  const fast = steady(100, 1000)
  const slow = steady(50, 10_000, fast.at(-1))
  const range = estimateRemaining({ done: 150, total: 250, samples: [...fast, ...slow.slice(1)] })!
  assert.ok(range.lowMs < 100 * 4_000, 'the rate over all samples is inside')
  assert.ok(range.highMs > 100 * 10_000, 'the recent rate is inside')
})

test('nothing is said before three settlements', () => {
  assert.equal(estimateRemaining({ done: 2, total: 10, samples: steady(2, 1000) }), undefined)
  assert.equal(estimateRemaining({ done: 0, total: 10, samples: [] }), undefined)
  assert.notEqual(estimateRemaining({ done: 3, total: 10, samples: steady(3, 1000) }), undefined)
})

test('what was done before the first sample does not count into the rate', () => {
  const samples = steady(10, 1000, { atMs: 0, done: 500 })
  const range = estimateRemaining({ done: 510, total: 520, samples })!
  assert.ok(range.lowMs < 10_000 && range.highMs > 10_000)
})

test('nothing remains of a sweep that is done', () => {
  assert.deepEqual(estimateRemaining({ done: 10, total: 10, samples: [] }), { lowMs: 0, highMs: 0 })
})

test('the rate is that of the recent samples', () => {
  const fast = steady(100, 1000)
  const slow = steady(50, 10_000, fast.at(-1)).slice(1)
  assert.equal(Math.round(ratePerMinute([...fast, ...slow])!), 6)
  assert.equal(ratePerMinute(steady(5, minute)), 1)
})

test('a sweep that has stopped slows down', () => {
  const samples = [...steady(20, 1000), { atMs: 10 * minute, done: 20 }]
  assert.ok(ratePerMinute(samples)! <= 2)
})

test('there is no rate without a settlement', () => {
  assert.equal(ratePerMinute([]), undefined)
  assert.equal(ratePerMinute([{ atMs: 0, done: 4 }]), undefined)
  assert.equal(
    ratePerMinute([
      { atMs: 0, done: 4 },
      { atMs: minute, done: 4 },
    ]),
    undefined,
  )
})
