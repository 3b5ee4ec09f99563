import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { WindrowError } from '../errors/windrow-error.ts'
import { checkRedis, findingsFrom, translateRedisError } from './redis-health.ts'

const redis = await startTestRedis()

test('finds nothing wrong with a server of our own', async () => {
  assert.deepEqual(await checkRedis(redis.connect()), [])
})

test('finds a server that evicts keys, and one that keeps no file', async () => {
  const client = redis.connect()
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await client.config('SET', 'appendonly', 'no')
  const findings = await checkRedis(client)
  await client.config('SET', 'maxmemory-policy', 'noeviction')
  await client.config('SET', 'appendonly', 'yes')
  assert.deepEqual(
    findings.map(({ severity, code }) => [severity, code]),
    [
      ['error', 'REDIS_EVICTING'],
      ['warning', 'REDIS_NOT_DURABLE'],
    ],
  )
})

test('finds a server that is too old', () => {
  const findings = findingsFrom('redis_version:6.0.16\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n')
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['REDIS_TOO_OLD'],
  )
  assert.deepEqual(findingsFrom('redis_version:6.2.0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n'), [])
})

test('a full server is REDIS_FULL, from a command and from a script', async () => {
  const client = redis.connect()
  await client.config('SET', 'maxmemory', '1')
  const failures = [
    await client.set('key', 'value').catch((error: unknown) => error),
    await client.eval("return redis.call('SET', KEYS[1], 'v')", 1, 'key').catch((error: unknown) => error),
  ]
  await client.config('SET', 'maxmemory', '0')
  assert.deepEqual(
    failures.map((error) => translateRedisError(error)?.code),
    ['REDIS_FULL', 'REDIS_FULL'],
  )
})

test('a closed connection is REDIS_UNAVAILABLE and keeps its cause', async () => {
  const client = redis.connect()
  await client.ping()
  client.disconnect()
  const cause = await client.ping().catch((error: unknown) => error)
  const error = translateRedisError(cause)
  assert.equal(error?.code, 'REDIS_UNAVAILABLE')
  assert.equal(error?.cause, cause)
})

test('what is no trouble of Redis is left alone', async () => {
  const client = redis.connect()
  const scriptError = await client
    .eval("return redis.error_reply('WINDROW no such configuration')", 0)
    .catch((e: unknown) => e)
  const fileError = await readFile('/nowhere/at/all').catch((e: unknown) => e)
  for (const error of [scriptError, fileError, new TypeError('x is not a function'), 'text', undefined]) {
    assert.equal(translateRedisError(error), undefined)
  }
  const ours = new WindrowError('STORE_FULL', { message: 'full' })
  assert.equal(translateRedisError(ours), ours)
})
