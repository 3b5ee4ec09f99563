import assert from 'node:assert/strict'
import test from 'node:test'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { until } from '../../../test/fixtures/until.ts'
import { listenForWakes, wakeProducers } from './wake.ts'

const redis = await startTestRedis()

test('who listens hears the sweep, and that Redis was away, after which it hears again', async () => {
  const heard: string[] = []
  listenForWakes(redis.connect(), {
    onWake: (sweep) => void heard.push(sweep),
    onReturn: () => void heard.push('it is back'),
    onError: (error) => assert.fail(error),
  })
  const caller = redis.connect()
  await until(async () => {
    await wakeProducers(caller, 'small')
    return heard.length > 0
  })
  assert.deepEqual([...new Set(heard)], ['small'])
  await redis.kill()
  await redis.start()
  await until(() => heard.includes('it is back'))
  const before = heard.length
  await until(async () => {
    await wakeProducers(caller, 'other')
    return heard.length > before
  })
  assert.deepEqual(heard.slice(before)[0], 'other')
})
