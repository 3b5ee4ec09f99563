import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { currentOutages } from '@windrow/common/ledger/outages.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { startRedisProxy } from '../fixtures/redis-proxy.ts'
import { scrape } from '../fixtures/scrape.ts'
import { addressOf, servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

describe('a worker whose queue says nothing any more', { timeout: 120_000 }, () => {
  it('says that it is stuck, is unhealthy, is well again when it begins work, and is not ready while it drains', async () => {
    const redis = await startTestRedis()
    const proxy = await startRedisProxy(redis.url)
    const bench = await smallBench({ farm0_s0: 'hang' })
    const services = servicesOf(bench, redis)
    const operate = (...args: string[]) => bench.command([...args, '--redis', redis.url])
    const specification = [join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file]
    await operate('submit', ...specification, '--only', 'farm_idx=0')
    services.start('producer', ['--every', '300ms', '--beat', '300ms'])
    const quick = ['--beat', '300ms', '--look-for-sweeps', '100ms', '--stuck-after', '1s']
    const worker = services.start('worker', [...quick, '--concurrency', '2', '--http', '0', '--redis', proxy.url])
    try {
      const address = await addressOf(worker)
      const health = async () => {
        const answer = await fetch(`${address}/healthz`)
        return { status: answer.status, body: await answer.text() }
      }
      const metric = async (name: string) => (await scrape(address)).value(name)
      await until(() => bench.stored('results').length === 2)
      await until(async () => (await metric('windrow_slots_busy')) === 1 && proxy.isWaitedOn)
      assert.equal((await health()).status, 200, 'one runs and none waits')

      proxy.silenceWaiting()
      await operate('rerun', 'small', 'seed=1..2', '--force', '--reason', 'a test')
      await until(async () => (await health()).status === 503)
      const { code, message } = JSON.parse((await health()).body)
      assert.equal(code, 'WORKER_STUCK')
      assert.match(message, /1 of 2 slots are free and jobs wait \(2 of small\), but none has begun for \d s\. Restart/)
      assert.match(worker.log(), /"code":"WORKER_STUCK"/)
      assert.equal(await metric('windrow_stuck'), 1)
      assert.equal((await fetch(`${address}/readyz`)).status, 200, 'Redis and the store answer')
      const warning = /warning: A worker leaves work waiting that it could begin\. Worker .*2 of small/
      assert.match((await operate('status', 'small')).stdout, warning)

      proxy.restore()
      await until(async () => (await health()).status === 200)
      await until(() => bench.stored('results').length === 4)
      assert.equal(await metric('windrow_stuck'), 0)
      assert.deepEqual(await currentOutages(redis.connect(), Date.now()), [], 'nor is it told any more')

      // What runs is handed back in Redis, so the drain waits for it.
      process.kill(redis.pid, 'SIGSTOP')
      try {
        process.kill(worker.pid, 'SIGTERM')
        await until(async () => {
          const answer = await fetch(`${address}/readyz`)
          return answer.status === 503 && /"draining":true/.test(await answer.text())
        })
        assert.equal((await health()).status, 200)
      } finally {
        process.kill(redis.pid, 'SIGCONT')
      }
      assert.equal(await worker.ended, 'ended with status 4', 'it drained while work remained')
      const outcomes = bench.stored('attempts').map((name) => bench.record('attempts', name).outcome)
      assert.equal(outcomes.filter((outcome) => outcome === 'handed-back').length, 1, 'what ran was handed back')
    } finally {
      await services.stop()
    }
  })
})
