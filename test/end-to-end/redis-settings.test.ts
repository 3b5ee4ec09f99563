import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { servicesOf } from '../fixtures/service-processes.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { until } from '../fixtures/until.ts'

describe('a Redis of somebody else', { timeout: 120_000 }, () => {
  it('that writes nothing to disk is warned of at every start and in the status; one that evicts is named there too', async () => {
    const redis = await startTestRedis()
    const settings = redis.connect()
    await settings.config('SET', 'appendonly', 'no')
    const bench = await smallBench({}, { axes: smallAxes('0..0') })
    const run = await bench.run(['--redis', redis.url])
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stderr, /warning: Redis does not write its data to disk/)
    const services = servicesOf(bench, redis)
    const worker = services.start('worker')
    await until(() => /"code":"REDIS_NOT_DURABLE"/.test(worker.log()))
    await services.stop()

    const status = () => bench.command(['status', 'small', '--redis', redis.url])
    assert.match((await status()).stdout, /warning: Redis does not write its data to disk \(appendonly is no\)/)
    await settings.config('SET', 'maxmemory-policy', 'volatile-lru')
    const { stdout } = await bench.command(['status', 'small', '--json', '--redis', redis.url])
    const { warnings } = JSON.parse(stdout)
    assert.equal(warnings.length, 2)
    assert.match(warnings[0], /maxmemory-policy is volatile-lru/)
    assert.match((await status()).stdout, /warning: Redis may throw keys away/)
  })
})
