import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startWindrow } from '../fixtures/command.ts'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis, type TestRedis } from '../fixtures/redis.ts'
import { servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

async function benchWithRedis(behaviours: Record<string, string> = {}, overrides: Record<string, unknown> = {}) {
  const redis = await startTestRedis()
  const bench = await smallBench(behaviours, overrides)
  const running = servicesOf(bench, redis)
  return {
    ...{ bench, redis, running },
    /** One command on this Redis. */
    operate: (...args: string[]) => bench.command([...args, '--redis', redis.url]),
    submit: (...args: string[]) => submit(bench, redis, args),
    startServices() {
      running.start('producer', ['--every', '300ms', '--beat', '500ms'])
      running.start('worker', ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '4'])
      running.start('merger')
    },
    stop: () => running.stop(),
  }
}

const submit = ({ command, folder, optimizer }: Bench, redis: TestRedis, args: readonly string[]) =>
  command(['submit', join(folder, 'sweep.yaml'), '--optimizers', optimizer.file, '--redis', redis.url, ...args])

const attemptsOf = (bench: Bench, outcome: string) =>
  bench.stored('attempts').filter((name) => bench.record('attempts', name).outcome === outcome).length

describe('operating a sweep that services run', { timeout: 180_000 }, () => {
  it('is submitted before any service runs, stays paused through a lost Redis, and is brought home after it is resumed', async () => {
    const { bench, redis, operate, submit, startServices, stop } = await benchWithRedis()
    const submitted = await submit()
    assert.equal(submitted.status, 0, submitted.stderr)
    assert.match(submitted.stdout, /small: new sweep; 6 configurations\nNo producer listens at this Redis/)
    assert.equal((await operate('pause', 'small', '--reason', 'not yet')).status, 0)
    startServices()
    try {
      const connection = redis.connect()
      const isPaused = async () => (await connection.hexists('bull:windrow.small:meta', 'paused')) === 1
      const waits = async () => (await connection.llen('bull:windrow.small:wait')) === 6
      await until(async () => (await isPaused()) && (await waits()))
      await connection.flushall()
      await until(async () => (await isPaused()) && (await waits()))
      assert.match((await operate('status', 'small')).stdout, /live, from Redis\)\npaused by .* \(not yet\)/)
      assert.deepEqual(bench.optimizer.runs(), [])

      const again = await submit()
      assert.match(again.stdout, /It is paused by .*windrow resume small/, 'a submitter does not undo an operator')
      const resumed = await operate('resume', 'small')
      assert.match(resumed.stdout, /small goes on; it was paused by/)
      const waited = await submit('--wait')
      assert.equal(waited.status, 0, waited.stderr)
      assert.match(waited.stdout, /complete: 6 of 6 merged/)
      assert.ok(existsSync(bench.output))
      const kept = [...bench.stored('actions'), 'manifest.0.json'].map((name) =>
        JSON.stringify(bench.record(name.startsWith('manifest') ? '' : 'actions', name)),
      )
      for (const record of kept) assert.equal(record.includes(redis.url), false, 'no address of Redis is on record')
    } finally {
      await stop()
    }
  })

  it('asks for a merge, waits for the merger that makes it, and tells the generation', async () => {
    const { bench, redis, operate, submit, running, stop } = await benchWithRedis()
    await submit()
    running.start('producer', ['--every', '300ms', '--beat', '500ms'])
    running.start('worker', ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '4'])
    try {
      await until(() => bench.stored('results').length === 6)
      const asked = startWindrow(['merge', 'small', '--json', '--redis', redis.url], bench.folder)
      await asked.printed(/Asked for a merge of \d results; waiting for a merger/)
      running.start('merger')
      const { status, stdout, stderr } = await asked.ended
      assert.equal(status, 0, stderr)
      assert.partialDeepStrictEqual(JSON.parse(stdout).generation, { number: 1, complete: true, merged: 6 })
      assert.match((await operate('merge', 'small')).stdout, /generation 1 of small holds all there is: 6 of 6 merged/)
    } finally {
      await stop()
    }
  })

  it('stops what runs when it is cancelled, merges the rest, and remembers it when Redis is emptied', async () => {
    const slow = { farm1_s0: 'hang', farm1_s1: 'hang', farm1_s2: 'hang' }
    const { bench, redis, operate, submit, startServices, stop } = await benchWithRedis(slow)
    await submit()
    startServices()
    try {
      await until(() => bench.stored('results').length === 3 && bench.optimizer.runs().length >= 6)
      const cancelled = await operate('cancel', 'small', 'farm_idx=1', '--reason', 'wrong boundary')
      assert.match(cancelled.stdout, /3 of 3 open: cancelled\n {4}of them 3 running/)
      await until(() => bench.stored('generations').length === 1 && attemptsOf(bench, 'handed-back') >= 3)
      const { complete, merged, missing } = bench.record('generations', '000001.json')
      assert.deepEqual([complete, merged, missing], [false, 3, 3])
      assert.equal((await operate('download', 'small')).status, 2)

      const ran = bench.optimizer.runs().length
      await redis.connect().flushall()
      const counts = async () => JSON.parse((await operate('status', 'small', '--json')).stdout)
      await until(async () => (await counts()).source === 'ledger')
      assert.deepEqual([(await counts()).counts.cancelled, (await counts()).cancelledOfSelected], [3, 3])
      assert.equal(bench.optimizer.runs().length, ran, 'nothing ran again')

      bench.optimizer.behave({})
      assert.match((await operate('rerun', 'small', 'state=cancelled')).stdout, /3 of 3 cancelled: wanted again/)
      await until(() => bench.stored('generations').length === 2)
      assert.equal((await operate('download', 'small')).status, 0)
    } finally {
      await stop()
    }
  })

  it('is deleted only when nothing of it is open, and another sweep of its name is another sweep to every service', async () => {
    const { bench, operate, submit, startServices, stop } = await benchWithRedis({ farm1_s2: 'hang' })
    await submit()
    startServices()
    try {
      await until(() => bench.stored('results').length === 5)
      const refused = await operate('delete', 'small', '--yes', 'small')
      assert.equal(refused.status, 1)
      assert.match(refused.stderr, /1 configuration of small are open.*\n.*\n {2}next: First: windrow cancel small/)
      await operate('cancel', 'small')
      await until(() => attemptsOf(bench, 'handed-back') === 1 && bench.stored('generations').length === 1)
      const deleted = await operate('delete', 'small', '--yes', 'small')
      assert.equal(deleted.status, 0, deleted.stderr)
      assert.deepEqual(bench.stored(''), [])

      bench.optimizer.behave({})
      bench.specify({ model: { ...modelOf(bench), directions: 4 } })
      const waited = await submit('--wait')
      assert.equal(waited.status, 0, waited.stderr)
      assert.equal(bench.optimizer.runs().length, 12, 'nothing of the old one counted')
      const checked = await bench.command(['verify', 'layouts.h5', '--store'])
      assert.equal(checked.status, 0, checked.stdout)
    } finally {
      await stop()
    }
  })
})

const modelOf = ({ folder }: Bench): object => JSON.parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8')).model

describe('operating a sweep in a folder', { timeout: 120_000 }, () => {
  it('a run here takes nothing from a deleted sweep of the same name', async () => {
    const bench = await smallBench()
    assert.equal((await bench.run()).status, 0)
    assert.equal((await bench.command(['delete', 'small', '--yes', 'small'])).status, 0)
    bench.specify({ model: { ...modelOf(bench), directions: 4 } })
    rmSync(bench.output)
    const again = await bench.run()
    assert.equal(again.status, 0, again.stderr)
    assert.equal(bench.optimizer.runs().length, 12)
  })

  it('resume ends a pause, and --all wants what was cancelled', async () => {
    const bench = await smallBench()
    assert.equal((await bench.run(['--only', 'farm_idx=0'])).status, 0)
    await bench.command(['pause', 'small'])
    const resumed = await bench.command(['resume', 'small', '--all'])
    assert.equal(resumed.status, 0, resumed.stderr)
    assert.match(resumed.stderr, /small was paused by .*; it goes on now/)
    assert.match(resumed.stdout, /complete: 6 of 6 merged/)
  })
})
