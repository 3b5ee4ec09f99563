import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Queue } from 'bullmq'
import { queueContract } from '../../../test/contracts/queue.contract.ts'
import { eventually } from '../../../test/fixtures/eventually.ts'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import { createQueueTelemetry } from '../tracing/queue-telemetry.ts'
import { type BullmqConsumerOptions, openBullmqConsumer } from './bullmq-consumer.ts'
import { openBullmqMerges } from './bullmq-merges.ts'
import { openBullmqQueue } from './bullmq-queue.ts'
import { queueNames } from './jobs.ts'
import type { JobProcessor } from './queue.ts'

const server = await startTestRedis()
const redis = server.connect()
const onError = (error: Error) => assert.fail(error)
const consumerDefaults = { concurrency: 1, lockDurationMs: 30_000, onError, onLocksLost: () => {} }

queueContract('bullmq', {
  configurations: (sweep) => openBullmqQueue(redis, sweep, { onError }),
  merges: () => openBullmqMerges(redis, { onError }),
  consume: (options) => openBullmqConsumer(redis, { ...consumerDefaults, ...options }),
  retry: async (queue, id) => {
    const button = new Queue(queue, { connection: redis })
    await (await button.getJob(id))?.retry()
    await button.close()
  },
})

describe('bullmq queue', () => {
  const jobs = (sweep: string, ...keys: string[]) => keys.map((key, index) => ({ sweep, key, index, manifest: 1 }))
  const open = (sweep: string) => openBullmqQueue(redis, sweep, { onError })
  const consume = (sweep: string, process: JobProcessor, options: Partial<BullmqConsumerOptions> = {}) =>
    openBullmqConsumer(redis, { ...consumerDefaults, queue: queueNames.sweep(sweep), process, ...options })

  it('lets no consumer of bare BullMQ or of ours see an attempt limit, however often a job is handed back', async () => {
    const queue = open('unlimited')
    await queue.add(jobs('unlimited', 'a'))
    let runs = 0
    const consumer = consume('unlimited', async () => (++runs < 40 ? { kind: 'hand-back' } : { kind: 'done' }))
    await eventually(() => assert.equal(runs, 40))
    await consumer.drain()
    assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0 })
  })

  it('puts a job of ours where one of somebody else has failed under its id', async () => {
    const queue = open('forged')
    const bare = new Queue(queueNames.sweep('forged'), { connection: redis })
    await bare.add('theirs', { command: 'rm' }, { jobId: 'c-a' })
    const seen: unknown[] = []
    const consumer = consume('forged', async ({ name, data }) => {
      seen.push(data)
      return name === 'theirs' ? { kind: 'dead', message: 'not ours' } : { kind: 'done' }
    })
    await eventually(async () => assert.equal((await queue.counts()).failed, 1))
    const [ours] = jobs('forged', 'a')
    await queue.ensure([ours!])
    await eventually(() => assert.deepEqual(seen, [{ command: 'rm' }, ours]))
    await consumer.drain()
    await bare.close()
  })

  it('keeps the newest thousand completed jobs, and every failed one', async () => {
    const queue = open('kept')
    await queue.add(jobs('kept', ...Array.from({ length: 2_200 }, (_, i) => `k${i}`)))
    const consumer = consume(
      'kept',
      async ({ data }) =>
        Reflect.get(Object(data), 'index') % 2 === 0 ? { kind: 'done' } : { kind: 'dead', message: 'odd' },
      { concurrency: 20 },
    )
    await eventually(async () => {
      const { waiting, active, failed } = await queue.counts()
      assert.deepEqual({ waiting, active, failed }, { waiting: 0, active: 0, failed: 1_100 })
    })
    await consumer.drain()
    assert.equal(await redis.zcard(`bull:${queueNames.sweep('kept')}:completed`), 1_000)
  })

  it('gives a job to another when its worker has lost the lock, and says so to the one that lost it', async () => {
    const queue = open('lost')
    await queue.add(jobs('lost', 'a'))
    const lost: string[] = []
    const errors: string[] = []
    const short = { lockDurationMs: 400, stalledIntervalMs: 200, onError: ({ message }: Error) => errors.push(message) }
    const process: JobProcessor = async (_, shutdown) => {
      await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
      return { kind: 'hand-back' }
    }
    const first = consume('lost', process, { ...short, onLocksLost: (ids) => lost.push(...ids) })
    await eventually(async () => assert.equal((await queue.counts()).active, 1))
    await redis.del(`bull:${queueNames.sweep('lost')}:c-a:lock`)
    await eventually(() => assert.deepEqual(lost, ['c-a']))
    let runs = 0
    const done: JobProcessor = async () => {
      runs++
      return { kind: 'done' }
    }
    const second = consume('lost', done, short)
    await eventually(() => assert.equal(runs, 1))
    await first.drain()
    await second.drain()
    assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0 })
  })

  it('adds jobs that say what is to run and nothing else, while nothing is traced', async () => {
    const queue = open('plain')
    await queue.add(jobs('plain', 'a'))
    const { timestamp: _timestamp, ...fields } = await redis.hgetall(`bull:${queueNames.sweep('plain')}:c-a`)
    assert.deepEqual(fields, {
      name: 'configuration',
      data: '{"sweep":"plain","key":"a","index":0,"manifest":1}',
      opts: '{"jobId":"c-a","attempts":1}',
      delay: '0',
      priority: '0',
    })
  })

  it('runs what a job says, whatever it carries of a trace, traced or not', async () => {
    const forged: unknown[] = [
      '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}',
      'not JSON',
      '{"traceparent":{"key":"b"},"data":{"key":"b"}}',
      '{"__proto__":{"key":"b"}}',
      `{"traceparent":"${'0'.repeat(100_000)}"}`,
      '"',
      { toString: 'no function' },
      17,
    ]
    for (const [n, telemetry] of [createQueueTelemetry(), undefined].entries()) {
      const sweep = `forged-${n}`
      const bare = new Queue(queueNames.sweep(sweep), { connection: redis })
      const asked = forged.map((_, index) => ({ sweep, key: `k${index}`, index, manifest: 1 }))
      for (const [index, tm] of forged.entries()) {
        const jobId = `c-k${index}`
        await bare.add('configuration', asked[index], { jobId })
        await redis.hset(bare.toKey(jobId), 'opts', JSON.stringify({ attempts: 1, tm }))
      }
      const ran: unknown[] = []
      const process: JobProcessor = async ({ data }) => {
        ran.push(data)
        return { kind: 'done' }
      }
      const consumer = consume(sweep, process, { telemetry })
      await eventually(() => assert.deepEqual(ran, asked))
      await consumer.drain()
      await bare.close()
    }
  })

  it('leaves a job to its lock when handing it back fails, rather than among the failed', async () => {
    const queue = open('stuck')
    await queue.add(jobs('stuck', 'a'))
    const errors: string[] = []
    let runs = 0
    const process: JobProcessor = async () => {
      if (++runs > 1) return { kind: 'done' }
      await redis.set(`bull:${queueNames.sweep('stuck')}:c-a:lock`, 'somebody else', 'PX', 300)
      return { kind: 'hand-back' }
    }
    const short = { lockDurationMs: 10_000, stalledIntervalMs: 100 }
    const consumer = consume('stuck', process, { ...short, onError: ({ message }) => errors.push(message) })
    await eventually(() => assert.equal(runs, 2))
    await consumer.drain()
    assert.match(errors[0]!, /[Ll]ock/)
    assert.equal((await queue.counts()).failed, 0)
  })

  it('gives up no job, however often its worker is lost', async () => {
    const queue = open('luckless')
    await queue.add(jobs('luckless', 'a'))
    let runs = 0
    const process: JobProcessor = async () => {
      if (++runs > 3) return { kind: 'done' }
      // Its worker is lost before it could say anything.
      await redis.set(`bull:${queueNames.sweep('luckless')}:c-a:lock`, 'somebody else', 'PX', 50)
      return { kind: 'hand-back' }
    }
    const consumer = consume('luckless', process, { lockDurationMs: 10_000, stalledIntervalMs: 100, onError: () => {} })
    await eventually(() => assert.equal(runs, 4))
    await consumer.drain()
    assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0 })
  })

  it('tells a job that came back by itself from one that somebody wants to be run again', async () => {
    const queue = open('again')
    await queue.add(jobs('again', 'a'))
    const redelivered: boolean[] = []
    const process: JobProcessor = async (job) => {
      redelivered.push(job.redelivered)
      // Its worker is lost before it could say that the job has failed.
      if (redelivered.length === 1) {
        await redis.set(`bull:${queueNames.sweep('again')}:c-a:lock`, 'somebody else', 'PX', 300)
      }
      return { kind: 'dead', message: 'no luck' }
    }
    const consumer = consume('again', process, { lockDurationMs: 10_000, stalledIntervalMs: 100, onError: () => {} })
    await eventually(async () => assert.equal((await queue.counts()).failed, 1))
    assert.deepEqual(redelivered, [false, true])
    await queue.ensure(jobs('again', 'a'))
    await eventually(() => assert.equal(redelivered.length, 3))
    await consumer.drain()
    assert.equal(redelivered[2], false)
  })

  it('finds the job of a lost worker also where it takes none itself', async () => {
    const queue = open('unheard')
    await queue.add(jobs('unheard', 'a'))
    const short = { lockDurationMs: 10_000, stalledIntervalMs: 100, onError: () => {} }
    const untilShutdown: JobProcessor = async (_, shutdown) => {
      await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
      return { kind: 'hand-back' }
    }
    const lost = consume('unheard', untilShutdown, short)
    await eventually(async () => assert.equal((await queue.counts()).active, 1))
    lost.setConcurrency(0)
    await redis.del(`bull:${queueNames.sweep('unheard')}:c-a:lock`)
    const other = consume('unheard', async () => ({ kind: 'done' }), { ...short, concurrency: 0 })
    await eventually(async () => assert.equal((await other.demand()).waiting, 1))
    other.setConcurrency(1)
    await eventually(async () => assert.equal((await queue.counts()).waiting + (await queue.counts()).active, 0))
    await Promise.all([lost.drain(), other.drain()])
  })

  it('says that Redis is full, and adds the rest when it is not', async () => {
    const queue = open('full')
    const all = jobs('full', ...Array.from({ length: 1_500 }, (_, i) => `k${i}`))
    await redis.config('SET', 'maxmemory', '1mb')
    try {
      await assert.rejects(queue.add(all), (error) => isWindrowError(error, 'REDIS_FULL'))
    } finally {
      await redis.config('SET', 'maxmemory', '0')
    }
    await queue.add(all)
    assert.equal((await queue.counts()).waiting, 1_500)
    await queue.close()
  })
})
