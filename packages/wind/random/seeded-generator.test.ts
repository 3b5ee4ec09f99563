import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generatorFrom, type SeededGenerator, seededGenerator } from './seeded-generator.ts'
import { splitMix64 } from './splitmix64.ts'

function drawn(generator: SeededGenerator, count: number): number[] {
  return Array.from({ length: count }, () => generator.nextUint32())
}

// Reference streams of the rand_xoshiro crate, made with the authors' C code.
test('xoshiro128** gives its published stream', () => {
  assert.deepEqual(
    drawn(generatorFrom([1, 2, 3, 4]), 10),
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  )
})

test('SplitMix64 gives its published stream', () => {
  const next = splitMix64(1477776061723855037n)
  assert.deepEqual(
    [next(), next(), next(), next(), next()],
    [1985237415132408290n, 2979275885539914483n, 13511426838097143398n, 8488337342461049707n, 15141737807933549159n],
  )
})

test('a seed gives the same stream again, and another seed another one, above 32 bits too', () => {
  assert.deepEqual(drawn(seededGenerator(7), 100), drawn(seededGenerator(7), 100))
  const streams = [0, 1, 2, 4_294_967_296, Number.MAX_SAFE_INTEGER].map((seed) =>
    drawn(seededGenerator(seed), 4).join(),
  )
  assert.equal(new Set(streams).size, streams.length)
})

test('choices are evenly spread and within their range', () => {
  const generator = seededGenerator(3)
  const counts = [0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < 70_000; i++) counts[generator.nextBelow(7)]! += 1
  // Six standard deviations of a fair choice.
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 560)
  assert.equal(seededGenerator(0).nextBelow(1), 0)
})

test('seeds and ranges that are not whole numbers in range are refused', () => {
  for (const seed of [-1, 0.5, Number.NaN, 9_007_199_254_740_992])
    assert.throws(() => seededGenerator(seed), RangeError)
  for (const count of [0, -1, 1.5, 4_294_967_297]) assert.throws(() => seededGenerator(1).nextBelow(count), RangeError)
})
