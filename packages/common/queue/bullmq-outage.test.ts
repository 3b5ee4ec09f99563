import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { eventually } from '../../../test/fixtures/eventually.ts'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { type BullmqConsumerOptions, openBullmqConsumer } from './bullmq-consumer.ts'
import { openBullmqQueue } from './bullmq-queue.ts'
import { queueNames } from './jobs.ts'
import type { JobProcessor, QueueConsumer } from './queue.ts'

const server = await startTestRedis()
const redis = server.connect()
const errors: string[] = []
const onError = ({ message }: Error) => errors.push(message)
const consumers: QueueConsumer[] = []
after(() => Promise.all(consumers.map((consumer) => consumer.drain())))

describe('a consumer whose Redis is killed', () => {
  const jobs = (sweep: string, ...keys: string[]) => keys.map((key, index) => ({ sweep, key, index, manifest: 1 }))
  const open = (sweep: string) => openBullmqQueue(redis, sweep, { onError })
  const consume = (sweep: string, process: JobProcessor, options: Partial<BullmqConsumerOptions> = {}) => {
    const defaults = { concurrency: 1, lockDurationMs: 30_000, onError, onLocksLost: () => {} }
    const consumer = openBullmqConsumer(redis, { ...defaults, queue: queueNames.sweep(sweep), process, ...options })
    consumers.push(consumer)
    return consumer
  }
  const nothingLeft = { waiting: 0, active: 0, delayed: 0, failed: 0 }

  it('goes on when that happens while it waits for a job', async () => {
    const queue = open('waits')
    const seen: string[] = []
    const consumer = consume('waits', async ({ id }) => {
      seen.push(id)
      return { kind: 'done' }
    })
    await queue.add(jobs('waits', 'before'))
    await eventually(() => assert.deepEqual(seen, ['c-before']))
    await server.kill()
    await server.start()
    await queue.add(jobs('waits', 'before', 'after'))
    await eventually(() => assert.ok(seen.includes('c-after')))
    await eventually(async () => assert.deepEqual(await queue.counts(), nothingLeft))
    assert.deepEqual(await consumer.demand(), { waiting: 0, running: 0 })
  })

  it('goes on when that happens while it runs jobs, whatever becomes of them', async () => {
    const queue = open('runs')
    const keys = ['done', 'dead', 'retry', 'hand-back', 'throws', 'waits']
    await queue.add(jobs('runs', ...keys))
    let goOn = (): void => {}
    const outage = new Promise<void>((resolve) => (goOn = resolve))
    const runs = new Map<string, number>()
    const process: JobProcessor = async ({ id }) => {
      const run = (runs.get(id) ?? 0) + 1
      runs.set(id, run)
      await outage
      if (run > 1) return { kind: 'done' }
      if (id === 'c-throws') throw new Error('as the test wants it')
      if (id === 'c-dead') return { kind: 'dead', message: 'as the test wants it' }
      if (id === 'c-retry') return { kind: 'retry', delayMs: 50 }
      return { kind: id === 'c-hand-back' ? 'hand-back' : 'done' }
    }
    const consumer = consume('runs', process, {
      concurrency: 5,
      lockDurationMs: 3_000,
      stalledIntervalMs: 500,
      pauseAfterThrowMs: 50,
    })
    await eventually(() => assert.equal(runs.size, 5))
    await server.kill()
    goOn()
    await server.start()
    await eventually(
      async () => {
        assert.deepEqual([...runs.keys()].sort(), keys.map((key) => `c-${key}`).sort())
        const { failed, ...others } = await queue.counts()
        assert.deepEqual({ ...others, failed: 0 }, nothingLeft)
        assert.ok(failed <= 1)
      },
      { patienceMs: 60_000 },
    )
    for (const id of ['c-retry', 'c-hand-back', 'c-throws']) assert.ok(runs.get(id)! >= 2, id)
    assert.deepEqual(await consumer.demand(), { waiting: 0, running: 0 })
  })

  it('drains though Redis stays away, when its processors have stopped', async () => {
    const queue = open('drains')
    await queue.add(jobs('drains', 'a'))
    let stopped = false
    const consumer = consume(
      'drains',
      async (_job, shutdown) => {
        await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
        stopped = true
        return { kind: 'hand-back' }
      },
      { closeTimeoutMs: 200 },
    )
    await eventually(async () => assert.equal((await queue.counts()).active, 1))
    await server.kill()
    await consumer.drain()
    assert.equal(stopped, true)
    await server.start()
  })
})
