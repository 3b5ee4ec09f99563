import assert from 'node:assert/strict'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { connectRedis } from '@windrow/common/redis/connection.ts'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { mountSmallDisk } from '../fixtures/small-disk.ts'
import { until } from '../fixtures/until.ts'

const oneAtATime = ['--concurrency', '1']

function assertEachRanOnce({ optimizer }: Bench): void {
  const runs = optimizer.runs()
  assert.deepEqual(runs.toSorted(), [...new Set(runs)].sort(), 'nothing was recomputed')
}

function redisOf({ folder }: Bench): string {
  return JSON.parse(readFileSync(join(folder, '.windrow/running.json'), 'utf8')).redis
}

describe('outages in the middle of a sweep', { timeout: 240_000, concurrency: 3 }, () => {
  it('goes on when its Redis is killed', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const run = bench.start(oneAtATime)
    await until(() => bench.stored('results').length >= 1)
    const client = connectRedis(redisOf(bench))
    const pid = Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1])
    client.disconnect()
    process.kill(pid, 'SIGKILL')
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.match(ended.stderr, /redis-server ended unexpectedly; starting it again/)
    assert.match(ended.stdout, /complete: 6 of 6 merged/)
  })

  it('finishes after FLUSHALL, and runs nothing again that was committed', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const run = bench.start(oneAtATime)
    await until(() => bench.stored('results').length >= 2)
    const client = connectRedis(redisOf(bench))
    const committed = bench.stored('results').map((name) => name.replace(/\.0\.h5$/, ''))
    await client.flushall()
    client.disconnect()
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.match(ended.stdout, /complete: 6 of 6 merged/)
    for (const key of committed) assert.equal(bench.optimizer.runs().filter((ran) => ran === key).length, 1, key)
  })

  it('waits for a store that is gone for a while, loses no attempt and recomputes nothing', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const run = bench.start(oneAtATime)
    await until(() => bench.stored('results').length >= 1)
    const store = join(bench.folder, '.windrow/store')
    renameSync(store, `${store}-away`)
    await run.printed(/Waiting: .*Nothing is lost/)
    renameSync(`${store}-away`, store)
    await run.printed(/Going on/)
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assertEachRanOnce(bench)
    const numbers = bench.stored('attempts').map((name) => bench.record('attempts', name).number)
    assert.deepEqual(numbers, [1, 1, 1, 1, 1, 1], 'no attempt was lost')
  })

  for (const [how, break_, mend, expected] of [
    ['read-only', 'ro', 'rw', /read-only|refuses/i],
    ['full', 'size=64k', 'size=20m', /full/i],
  ] as const) {
    it(`waits for a store on a disk that is ${how}, loses no attempt and recomputes nothing`, async (context) => {
      const disk = await mountSmallDisk(20 * 1024)
      if ('skipped' in disk) return context.skip(disk.skipped)
      try {
        const bench = await smallBench({ '*': 'slow' })
        const url = pathToFileURL(join(disk.path, 'store')).href
        const run = bench.start([...oneAtATime, '--store', url])
        await until(() => bench.optimizer.runs().length >= 2)
        await disk.remount(break_)
        await run.printed(/Waiting: .*Nothing is lost/)
        await disk.remount(mend)
        const ended = await run.ended
        assert.equal(ended.status, 0, ended.stderr)
        assert.match(ended.stderr, expected)
        assertEachRanOnce(bench)
      } finally {
        await disk.remove()
      }
    })
  }

  it('waits while Redis is full, and goes on when there is room', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const redis = await startTestRedis()
    const client = redis.connect()
    const run = bench.start([...oneAtATime, '--redis', redis.url])
    await until(() => bench.stored('results').length >= 1)
    await client.config('SET', 'maxmemory', '1mb')
    await run.printed(/maxmemory/)
    await client.config('SET', 'maxmemory', '0')
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.match(ended.stdout, /complete: 6 of 6 merged/)
  })

  it('says that its Redis is gone, drains nevertheless, and resumes when it is back', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const redis = await startTestRedis()
    const run = bench.start([...oneAtATime, '--redis', redis.url])
    await until(() => bench.stored('results').length >= 1)
    await redis.kill()
    await run.printed(/Waiting: .*Redis/)
    run.process.kill('SIGINT')
    const ended = await run.ended
    assert.equal(ended.status, 4, ended.stderr)
    await redis.start()
    bench.optimizer.behave({})
    const resumed = await bench.run(['--redis', redis.url])
    assert.equal(resumed.status, 0, resumed.stderr)
    assert.match(resumed.stdout, /complete: 6 of 6 merged/)
  })

  it('refuses a Redis that may evict keys before any work starts', async () => {
    const bench = await smallBench()
    const redis = await startTestRedis()
    await redis.connect().config('SET', 'maxmemory-policy', 'allkeys-lru')
    const run = await bench.run(['--redis', redis.url])
    assert.equal(run.status, 1)
    assert.match(run.stderr, /REDIS_EVICTING/)
    assert.match(run.stderr, /noeviction/)
    assert.deepEqual(bench.optimizer.runs(), [])
  })
})
