import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queueContract } from '../../../test/contracts/queue.contract.ts'
import { eventually } from '../../../test/fixtures/eventually.ts'
import type { Clock } from '../time/clock.ts'
import { queueNames } from './jobs.ts'
import { createMemoryQueues } from './memory-queue.ts'
import type { JobProcessor } from './queue.ts'

/** The time of this machine; a test that is over does not wait for a job that is still delayed. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
}
const queues = createMemoryQueues(clock)

queueContract('memory', {
  configurations: queues.configurations,
  merges: queues.merges,
  consume: (options) => queues.consume({ ...options, lockDurationMs: 1000 }),
  retry: async (queue, id) => queues.retry(queue, id),
})

describe('memory queue', () => {
  const onError = (error: Error) => assert.fail(error)

  it('gives the jobs of a killed consumer to another when their locks have run out', async () => {
    const queue = queues.configurations('killed')
    await queue.add([{ sweep: 'killed', key: 'a', index: 0, manifest: 1 }])
    let endLate = (): void => {}
    const late = new Promise<void>((resolve) => (endLate = resolve))
    const options = { queue: queueNames.sweep('killed'), concurrency: 1, lockDurationMs: 30, onError }
    const killed = queues.consume({
      ...options,
      process: async () => {
        await late
        return { kind: 'dead', message: 'too late' }
      },
    })
    assert.equal((await queue.counts()).active, 1)
    killed.kill()
    assert.equal((await queue.counts()).active, 1)
    const redelivered: boolean[] = []
    const process: JobProcessor = async (job) => {
      redelivered.push(job.redelivered)
      return { kind: 'done' }
    }
    const other = queues.consume({ ...options, process })
    await eventually(() => assert.deepEqual(redelivered, [true]))
    endLate()
    await other.drain()
    assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0 })
  })

  it('forgets everything, as after FLUSHALL, and does not revive what ends later', async () => {
    const queue = queues.configurations('flushed')
    await queue.add([{ sweep: 'flushed', key: 'a', index: 0, manifest: 1 }])
    const process = async (_: unknown, shutdown: AbortSignal) => {
      await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
      return { kind: 'hand-back' } as const
    }
    const consumer = queues.consume({
      queue: queueNames.sweep('flushed'),
      concurrency: 1,
      lockDurationMs: 30,
      onError,
      process,
    })
    await eventually(async () => assert.deepEqual(await consumer.demand(), { waiting: 0, running: 1 }))
    queues.forget()
    await consumer.drain()
    assert.deepEqual(await queue.withoutOpenJob(['a']), ['a'])
  })

  it('remembers only the newest completed jobs', async () => {
    const forgetful = createMemoryQueues(clock, { keptWhenCompleted: 1 })
    const queue = forgetful.configurations('s')
    const jobs = ['a', 'b'].map((key, index) => ({ sweep: 's', key, index, manifest: 1 }))
    await queue.add(jobs)
    let runs = 0
    const process: JobProcessor = async () => {
      runs++
      return { kind: 'done' }
    }
    forgetful.consume({ queue: queueNames.sweep('s'), concurrency: 1, lockDurationMs: 30, onError, process })
    await eventually(() => assert.equal(runs, 2))
    await eventually(async () => assert.equal((await queue.counts()).active, 0))
    await queue.add(jobs)
    await eventually(() => assert.equal(runs, 3))
  })
})
