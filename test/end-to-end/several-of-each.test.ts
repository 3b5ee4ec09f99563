import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openBullmqMerges } from '@windrow/common/queue/bullmq-merges.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import { Queue } from 'bullmq'
import { smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { type Scrape, scrape } from '../fixtures/scrape.ts'
import { addressOf, servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

const quick = ['--beat', '300ms', '--http', '0']

describe('two producers, two workers and three mergers on one sweep', { timeout: 120_000 }, () => {
  it('make one generation of it, commit each configuration once, and agree on every count', async () => {
    const redis = await startTestRedis()
    const bench = await smallBench()
    const services = servicesOf(bench, redis)
    const operate = (...args: string[]) => bench.command([...args, '--redis', redis.url])
    const requests = new Queue(queueNames.merges, { connection: redis.connect() })
    const merges = openBullmqMerges(redis.connect(), { onError: assert.ifError })
    try {
      await requests.pause()
      await operate('submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file)
      const producers = [1, 2].map(() => services.start('producer', ['--every', '300ms', ...quick]))
      const workers = [1, 2].map(() =>
        services.start('worker', ['--look-for-sweeps', '100ms', '--concurrency', '1', ...quick]),
      )
      const mergers = [1, 2, 3].map((n) =>
        services.start('merger', ['--http', '0', '--scratch', join(bench.folder, `merging-${n}`)]),
      )
      const addresses = await Promise.all([...producers, ...workers, ...mergers].map(addressOf))
      await until(() => bench.stored('results').length === 6)
      // One request is one merger's: more of them, held back and let go together, make the mergers race.
      for (let revision = 101; revision <= 105; revision++) await merges.ask({ sweep: 'small', revision })
      await requests.resume()
      const look = () => Promise.all(addresses.map(scrape))
      await until(async () => (await requests.count()) + (await requests.getActiveCount()) === 0)
      await until(async () => mergesOf(await look()) >= 6)
      await until(async () => commitsOf(await look()) === 6)
      await until(async () => (await look()).slice(0, producers.length).every(isSettled))

      assert.deepEqual(bench.stored('generations'), ['000001.json'])
      const { complete, merged, expected } = bench.record('generations', '000001.json')
      assert.deepEqual([complete, merged, expected], [true, 6, 6])
      assert.deepEqual(bench.optimizer.runs().toSorted(), keys, 'each ran once')
      assert.deepEqual(
        bench.stored('results').map((name) => name.replace('.0.h5', '')),
        keys,
      )
      assert.equal(bench.stored('attempts').length, 6)
      const seen = await look()
      assert.equal(commitsOf(seen), 6)
      assert.equal(sum(seen, 'windrow_commit_duration_seconds_count', { outcome: 'exists' }), 0)
      assert.equal(sum(seen, 'windrow_attempt_duration_seconds_count', { outcome: 'valid' }), 6)
      assert.equal(sum(seen, 'windrow_generations_total', { complete: 'true' }), 1)
      assert.equal(sum(seen, 'windrow_merge_duration_seconds_count', { outcome: 'failed' }), 0)
      assert.equal((await operate('download', 'small', '-o', bench.output)).status, 0)
      assert.equal((await bench.command(['verify', bench.output, '--store'])).status, 0)
    } finally {
      await services.stop()
      await Promise.all([requests.close(), merges.close()])
    }
  })
})

const keys = ['farm0_s0', 'farm0_s1', 'farm0_s2', 'farm1_s0', 'farm1_s1', 'farm1_s2']

const outcomes = ['generation', 'repeated', 'covered', 'reopened', 'nothing', 'failed']
const mergesOf = (seen: readonly Scrape[]) =>
  outcomes.reduce((total, outcome) => total + sum(seen, 'windrow_merge_duration_seconds_count', { outcome }), 0)

const commitsOf = (seen: readonly Scrape[]) =>
  sum(seen, 'windrow_commit_duration_seconds_count', { outcome: 'created' })

const sum = (seen: readonly Scrape[], name: string, labels: Record<string, string>) =>
  seen.reduce((total, service) => total + (service.value(name, labels) ?? 0), 0)

function isSettled(producer: Scrape): boolean {
  const of = (metric: string, state: string) => producer.value(metric, { sweep: 'small', state })
  const jobs = ['waiting', 'paused', 'active', 'delayed', 'failed'].map((state) => of('windrow_queue_jobs', state))
  const others = ['pending', 'running', 'retrying', 'dead-failed', 'dead-corrupt', 'cancelled']
  return (
    of('windrow_configurations', 'committed') === 6 &&
    [...jobs, ...others.map((state) => of('windrow_configurations', state))].every((count) => count === 0)
  )
}
