import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { silentLogger } from '../logging/logger.ts'
import { createMetrics } from './metrics.ts'
import { observeRedis } from './redis-metrics.ts'

const redis = await startTestRedis()
const client = redis.connect()
const metrics = createMetrics(silentLogger())
observeRedis(client, metrics)

async function look() {
  const { text } = await metrics.scrape()
  const count = (outcome: string) =>
    Number(new RegExp(`_duration_seconds_count\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
  return { up: /^windrow_redis_up (\d)$/m.exec(text)?.[1], ok: count('ok'), failed: count('failed') }
}

describe('an observed Redis', () => {
  it('counts commands of every connection, also in pipelines and failed ones, and none that waits for a job', async () => {
    const before = await look()
    const other = redis.connect()
    await other.set('a', '1')
    await other.pipeline().get('a').get('b').exec()
    await assert.rejects(other.lpush('a', 'x'), /WRONGTYPE/)
    const waiting = redis.connect()
    await waiting.ping()
    const between = await look()
    assert.equal(between.failed - before.failed, 1)
    // Besides them: what a connection asks at its beginning, and our own look.
    assert.ok(between.ok - before.ok >= 4)
    assert.equal(await waiting.bzpopmin('marker', 0.01), null)
    const after = await look()
    assert.equal(after.ok - between.ok, 1, 'our own look alone')
  })

  it('is up or not', async () => {
    assert.equal((await look()).up, '1')
    await redis.stop()
    assert.equal((await look()).up, '0')
    await redis.start()
    await client.ping()
    assert.equal((await look()).up, '1')
  })
})
