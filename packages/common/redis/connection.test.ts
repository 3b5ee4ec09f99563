import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import type { WindrowError } from '../errors/windrow-error.ts'
import { awaitRedis, connectRedis } from './connection.ts'

test('a command given during an outage waits and is answered when Redis is back', async () => {
  const redis = await startTestRedis()
  const errors: WindrowError[] = []
  const client = connectRedis(redis.url, { onError: (error) => errors.push(error) })
  after(() => client.disconnect())
  await client.set('key', 'value')
  await redis.kill()
  const answer = client.get('key')
  while (errors.length === 0) await sleep(10)
  await redis.start()
  assert.equal(await answer, 'value')
  assert.deepEqual([...new Set(errors.map(({ code }) => code))], ['REDIS_UNAVAILABLE'])
})

test('whoever must not wait is told that Redis is not there, without the password', async () => {
  const client = connectRedis('redis://:secret-password@127.0.0.1:1')
  after(() => client.disconnect())
  await assert.rejects(awaitRedis(client, 200), (error: WindrowError) => {
    assert.equal(error.code, 'REDIS_UNAVAILABLE')
    assert.match(error.message, /127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
})

test('a socket that is not there reads as Redis being away', async () => {
  const client = connectRedis('unix:///nowhere/redis.sock')
  after(() => client.disconnect())
  await assert.rejects(awaitRedis(client, 100), { code: 'REDIS_UNAVAILABLE', message: /\/nowhere\/redis\.sock/ })
})

test('a failing connection without a listener does not end the process', async () => {
  const client = connectRedis('redis://127.0.0.1:1')
  await sleep(60)
  client.disconnect()
  assert.equal(client.listenerCount('error'), 1)
})

test('resolves as soon as Redis answers, and closing it is final', async () => {
  const redis = await startTestRedis()
  const client = connectRedis(redis.url)
  await awaitRedis(client, 10_000)
  client.disconnect()
  await assert.rejects(awaitRedis(client, 10_000), { code: 'REDIS_UNAVAILABLE' })
})
