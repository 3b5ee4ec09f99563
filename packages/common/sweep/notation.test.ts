import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closestName } from './did-you-mean.ts'
import { declaresTolerance, parseDurationMs, parseDurationRangeMs, parseRange, parseSizeBytes } from './notation.ts'
import { numericsIdOf } from './numerics-id.ts'
import { policyOf } from './policy.ts'
import { smallSpecification } from './small-specification.ts'

test('ranges have both their ends', () => {
  assert.deepEqual(parseRange('3..25'), { from: 3, to: 25 })
  assert.deepEqual(parseRange('-2..-2'), { from: -2, to: -2 })
  for (const none of ['25..3', '3...5', '3..', '1.5..2', ' 1..2', '']) assert.equal(parseRange(none), undefined, none)
})

test('durations and sizes have units', () => {
  assert.deepEqual(
    ['500ms', '5s', '2m', '1.5h', '1d', '3h50m', '1m500ms'].map(parseDurationMs),
    [500, 5000, 120_000, 5_400_000, 86_400_000, 13_800_000, 60_500],
  )
  assert.deepEqual(['1kB', '512MB', '1.5GiB'].map(parseSizeBytes), [1000, 512e6, 1.5 * 2 ** 30])
  assert.deepEqual(parseDurationRangeMs('5s..5m'), { fromMs: 5000, toMs: 300_000 })
  for (const none of ['', '5', 's', '-5s', '5 s', '5S', '50m3h', '5s5s', '3h50'])
    assert.equal(parseDurationMs(none), undefined, none)
  for (const none of ['2G', '2 GB', '2gb', '2B']) assert.equal(parseSizeBytes(none), undefined, none)
})

test('tolerances are numbers or shares', () => {
  for (const value of [0, 5, '5', '0.5%', '100%']) assert.ok(declaresTolerance(value), String(value))
  for (const value of [-1, 0.5, '101%', '100.1%', 'x', '%', '']) assert.ok(!declaresTolerance(value), String(value))
})

test('a policy is read in units', () => {
  const { policy } = smallSpecification({ policy: { timeout: '30m', memory: '2GB', tolerance: '1%' } })
  assert.deepEqual(policyOf({ policy }), {
    attempts: 3,
    backoff: { fromMs: 5000, toMs: 300_000 },
    timeoutMs: 1_800_000,
    memoryBytes: 2e9,
    lockMs: 120_000,
    tolerance: '1%',
    priority: 0,
    badHost: 10,
  })
  const unlimited = policyOf(smallSpecification())
  assert.deepEqual([unlimited.timeoutMs, unlimited.memoryBytes], [undefined, undefined])
  assert.equal(policyOf(smallSpecification({ policy: { bad_host: 'none' } })).badHost, undefined)
})

test('the nearest name is found, and none that is far', () => {
  const names = ['attempts', 'backoff', 'timeout', 'memory']
  assert.equal(closestName('atempts', names), 'attempts')
  assert.equal(closestName('TimeOut', names), 'timeout')
  assert.equal(closestName('mmeory', names), 'memory')
  assert.equal(closestName('colour', names), undefined)
  assert.equal(closestName('x'.repeat(1000), names), undefined)
})

test('the numerics id names all that the bits depend on', () => {
  const id = numericsIdOf({ windVersion: '0.1.0', v8Version: '13.6.1', architecture: 'x64' })
  assert.equal(id, 'wind-0.1.0/v8-13.6.1/x64')
})
