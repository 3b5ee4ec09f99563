import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startWindrow } from '../fixtures/command.ts'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis, type TestRedis } from '../fixtures/redis.ts'
import { servicesOf } from '../fixtures/service-processes.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { until } from '../fixtures/until.ts'

const axes = smallAxes('0..1')

async function benchWithRedis(behaviours: Record<string, string> = {}) {
  const redis = await startTestRedis()
  const bench = await smallBench(behaviours, { axes })
  const running = servicesOf(bench, redis)
  return {
    ...{ bench, redis, running },
    /** One command on this Redis. */
    operate: (...args: string[]) => bench.command([...args, '--redis', redis.url]),
    submit: (...args: string[]) => submit(bench, redis, args),
    /** All but the merger. */
    startServices() {
      running.start('producer', ['--every', '300ms', '--beat', '500ms'])
      running.start('worker', ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '4'])
    },
    stop: () => running.stop(),
  }
}

const submit = ({ command, folder, optimizer }: Bench, redis: TestRedis, args: readonly string[]) =>
  command(['submit', join(folder, 'sweep.yaml'), '--optimizers', optimizer.file, '--redis', redis.url, ...args])

const attemptsOf = (bench: Bench, outcome: string) =>
  bench.stored('attempts').filter((name) => bench.record('attempts', name).outcome === outcome).length

describe('operating a sweep that services run', { timeout: 180_000 }, () => {
  it('is submitted before any service runs, stays paused through a lost Redis, and is merged and brought home when asked to', async () => {
    const { bench, redis, operate, submit, running, startServices, stop } = await benchWithRedis()
    const submitted = await submit()
    assert.equal(submitted.status, 0, submitted.stderr)
    assert.match(submitted.stdout, /small: new sweep; 4 configurations\nNo producer listens at this Redis/)
    assert.equal((await operate('pause', 'small', '--reason', 'not yet')).status, 0)
    startServices()
    try {
      const connection = redis.connect()
      const isPaused = async () => (await connection.hexists('bull:windrow.small:meta', 'paused')) === 1
      const waits = async () => (await connection.llen('bull:windrow.small:wait')) === 4
      await until(async () => (await isPaused()) && (await waits()))
      await connection.flushall()
      await until(async () => (await isPaused()) && (await waits()))
      assert.match((await operate('status', 'small')).stdout, /live, from Redis\)\npaused by .* \(not yet\)/)
      assert.deepEqual(bench.optimizer.runs(), [])

      const again = await submit()
      assert.match(again.stdout, /It is paused by .*windrow resume small/, 'a submitter does not undo an operator')
      const resumed = await operate('resume', 'small')
      assert.match(resumed.stdout, /small goes on; it was paused by/)

      await until(() => bench.stored('results').length === 4)
      const asked = startWindrow(['merge', 'small', '--json', '--redis', redis.url], bench.folder)
      await asked.printed(/Asked for a merge of \d results; waiting for a merger/)
      running.start('merger')
      const { status, stdout, stderr } = await asked.ended
      assert.equal(status, 0, stderr)
      assert.partialDeepStrictEqual(JSON.parse(stdout).generation, { number: 1, complete: true, merged: 4 })
      assert.match((await operate('merge', 'small')).stdout, /generation 1 of small holds all there is: 4 of 4 merged/)

      const waited = await submit('--wait')
      assert.equal(waited.status, 0, waited.stderr)
      assert.match(waited.stdout, /complete: 4 of 4 merged/)
      assert.ok(existsSync(bench.output))
      const kept = [...bench.stored('actions'), 'manifest.0.json'].map((name) =>
        JSON.stringify(bench.record(name.startsWith('manifest') ? '' : 'actions', name)),
      )
      for (const record of kept) assert.equal(record.includes(redis.url), false, 'no address of Redis is on record')
    } finally {
      await stop()
    }
  })

  it('stops what runs when it is cancelled, merges the rest, remembers it when Redis is emptied, and is deleted when nothing of it is open', async () => {
    const { bench, redis, operate, submit, running, startServices, stop } = await benchWithRedis({
      farm1_s0: 'hang',
      farm1_s1: 'hang',
    })
    await submit()
    startServices()
    running.start('merger')
    try {
      await until(() => bench.stored('results').length === 2 && bench.optimizer.runs().length >= 4)
      const refused = await operate('delete', 'small', '--yes', 'small')
      assert.equal(refused.status, 1)
      assert.match(refused.stderr, /2 configurations of small are open.*\n.*\n {2}next: First: windrow cancel small/)
      const cancelled = await operate('cancel', 'small', 'farm_idx=1', '--reason', 'wrong boundary')
      assert.match(cancelled.stdout, /2 of 2 open: cancelled\n {4}of them 2 running/)
      await until(() => bench.stored('generations').length === 1 && attemptsOf(bench, 'handed-back') >= 2)
      const { complete, merged, missing } = bench.record('generations', '000001.json')
      assert.deepEqual([complete, merged, missing], [false, 2, 2])
      assert.equal((await operate('download', 'small')).status, 2)

      const ran = bench.optimizer.runs().length
      await redis.connect().flushall()
      const counts = async () => JSON.parse((await operate('status', 'small', '--json')).stdout)
      await until(async () => (await counts()).source === 'ledger')
      assert.deepEqual([(await counts()).counts.cancelled, (await counts()).cancelledOfSelected], [2, 2])
      assert.equal(bench.optimizer.runs().length, ran, 'nothing ran again')

      bench.optimizer.behave({})
      assert.match((await operate('rerun', 'small', 'state=cancelled')).stdout, /2 of 2 cancelled: wanted again/)
      await until(() => bench.stored('generations').length === 2)
      assert.equal((await operate('download', 'small')).status, 0)

      const deleted = await operate('delete', 'small', '--yes', 'small')
      assert.equal(deleted.status, 0, deleted.stderr)
      assert.deepEqual(bench.stored(''), [])
      const before = bench.optimizer.runs().length
      rmSync(bench.output)
      bench.specify({ axes, model: { ...modelOf(bench), directions: 4 } })
      const waited = await submit('--wait')
      assert.equal(waited.status, 0, waited.stderr)
      assert.equal(
        bench.optimizer.runs().length,
        before + 4,
        'another sweep of its name is another one to every service',
      )
      const checked = await bench.command(['verify', 'layouts.h5', '--store'])
      assert.equal(checked.status, 0, checked.stdout)
    } finally {
      await stop()
    }
  })
})

const modelOf = ({ folder }: Bench): object => JSON.parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8')).model

describe('operating a sweep in a folder', { timeout: 120_000 }, () => {
  it('resume ends a pause, --all wants what was cancelled, and a run takes nothing from a deleted sweep of the same name', async () => {
    const bench = await smallBench({}, { axes })
    assert.equal((await bench.run(['--only', 'farm_idx=0'])).status, 0)
    await bench.command(['pause', 'small'])
    const resumed = await bench.command(['resume', 'small', '--all'])
    assert.equal(resumed.status, 0, resumed.stderr)
    assert.match(resumed.stderr, /small was paused by .*; it goes on now/)
    assert.match(resumed.stdout, /complete: 4 of 4 merged/)

    assert.equal((await bench.command(['delete', 'small', '--yes', 'small'])).status, 0)
    bench.specify({ axes, model: { ...modelOf(bench), directions: 4 } })
    rmSync(bench.output)
    const again = await bench.run()
    assert.equal(again.status, 0, again.stderr)
    assert.equal(bench.optimizer.runs().length, 8)
  })
})
