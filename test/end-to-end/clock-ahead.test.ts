import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { clockAhead, clockSkipReason } from '../fixtures/clock-ahead.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

const skip = clockSkipReason()
const quick = ['--beat', '300ms', '--look-for-sweeps', '100ms', '--concurrency', '1']

describe('a worker whose clock is ten minutes ahead', { skip, timeout: 120_000 }, () => {
  it('leaves the attempts that it failed to others after the backoff, not after ten minutes', async () => {
    const redis = await startTestRedis()
    const bench = await smallBench({ '*': 'crash' }, { policy: { attempts: 9, backoff: '100ms..200ms', lock: '2s' } })
    const services = servicesOf(bench, redis)
    try {
      const submitted = ['submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file]
      await bench.command([...submitted, '--redis', redis.url])
      services.start('producer', ['--every', '300ms', '--beat', '300ms'])
      services.start('merger')
      const ahead = services.start('worker', quick, clockAhead(600))
      const failed = () => bench.stored('attempts').map((name) => bench.record('attempts', name))
      await until(() => failed().length >= 2)
      await ahead.stop()
      const offMs = Math.max(...failed().map(({ endedAt }) => Date.parse(String(endedAt)) - Date.now()))
      assert.ok(offMs > 500_000, `its clock was ${offMs} ms ahead`)
      bench.optimizer.behave({})
      services.start('worker', quick)
      await until(() => bench.stored('generations').length === 1)
      assert.equal(bench.record('generations', '000001.json').merged, 6)
    } finally {
      await services.stop()
    }
  })
})
