import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jobIds, queueNames } from '@windrow/common/queue/jobs.ts'
import type { JobProcessor } from '@windrow/common/queue/queue.ts'
import { eventually } from '../fixtures/eventually.ts'
import { counted, jobs, noting, type QueueHands, untilShutdown } from './queue-hands.ts'

/** What becomes of jobs: they are added once, made sure of, come to one of their ends, and are removed with their queue. */
export function queueJobsContract({ sweepQueue, consume, retry }: QueueHands): void {
  describe('adding', () => {
    it('hands every job over once, in the order they were added, with what it says', async () => {
      const { sweep, queue } = sweepQueue()
      const added = jobs(sweep, 'b', 'a', '10', 'c.d_e-f')
      await queue.add(added)
      await counted(queue, { waiting: 4 })
      const got: unknown[] = []
      consume(sweep, async ({ id, name, data }) => {
        got.push({ id, name, data })
        return { kind: 'done' }
      })
      await counted(queue, {})
      assert.deepEqual(
        got,
        added.map((data) => ({ id: jobIds.configuration(data.key), name: 'configuration', data })),
      )
    })

    it('takes a few thousand jobs', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, ...Array.from({ length: 2_500 }, (_, i) => `k${i}`)))
      await counted(queue, { waiting: 2_500 })
    })

    it('leaves a job alone that is there already, in whatever state', async () => {
      const { sweep, queue } = sweepQueue()
      const added = jobs(sweep, 'waiting', 'active', 'delayed', 'failed', 'completed')
      await queue.add(added.slice(1))
      const runs: string[] = []
      consume(
        sweep,
        async ({ id }, shutdown) => {
          runs.push(id)
          if (id === 'c-active') return await untilShutdown({ id, name: '', data: {}, redelivered: false }, shutdown)
          if (id === 'c-delayed') return { kind: 'retry', delayMs: 60_000 }
          return id === 'c-failed' ? { kind: 'dead', message: 'dead' } : { kind: 'done' }
        },
        { concurrency: 4 },
      )
      await counted(queue, { active: 1, delayed: 1, failed: 1 })
      await eventually(() => assert.equal(runs.length, 4))
      await queue.add(added.slice(1))
      await queue.add(added.slice(1))
      await counted(queue, { active: 1, delayed: 1, failed: 1 })
      assert.equal(runs.length, 4)
    })

    it('starts those without priority first, then the lower number', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'late'), 20)
      await queue.add(jobs(sweep, 'soon', 'soon2'), 10)
      await queue.add(jobs(sweep, 'first'))
      const { seen, process } = noting({ kind: 'done' })
      consume(sweep, process)
      await eventually(() => assert.deepEqual(seen, ['c-first', 'c-soon', 'c-soon2', 'c-late']))
    })
  })

  describe('making sure', () => {
    it('tells jobs that will run from those that will not', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'failed', 'completed', 'delayed', 'active', 'waiting'))
      consume(sweep, async ({ id }, shutdown) => {
        if (id === 'c-failed') return { kind: 'dead', message: 'dead' }
        if (id === 'c-completed') return { kind: 'done' }
        if (id === 'c-delayed') return { kind: 'retry', delayMs: 60_000 }
        return await untilShutdown({ id, name: '', data: {}, redelivered: false }, shutdown)
      })
      await counted(queue, { waiting: 1, active: 1, delayed: 1, failed: 1 })
      const keys = ['waiting', 'absent', 'active', 'failed', 'delayed', 'completed']
      assert.deepEqual(await queue.withoutOpenJob(keys), ['absent', 'failed', 'completed'])
    })

    it('brings failed, completed and absent jobs to run, and leaves open ones alone', async () => {
      const { sweep, queue } = sweepQueue()
      const all = jobs(sweep, 'failed', 'completed', 'waiting', 'absent')
      await queue.add(all.slice(0, 2))
      const first = consume(sweep, async ({ id }) =>
        id === 'c-failed' ? { kind: 'dead', message: 'dead' } : { kind: 'done' },
      )
      await counted(queue, { failed: 1 })
      await first.drain()
      await queue.add(all.slice(2, 3))
      await queue.ensure(all)
      await queue.ensure(all)
      await counted(queue, { waiting: 4 })
      assert.deepEqual(await queue.withoutOpenJob(all.map(({ key }) => key)), [])
      const { seen, process } = noting({ kind: 'done' })
      consume(sweep, process)
      await counted(queue, {})
      assert.deepEqual(seen.sort(), ['c-absent', 'c-completed', 'c-failed', 'c-waiting'])
    })
  })

  describe('what becomes of a job', () => {
    it('that is done: it does not run again', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'a'))
      const { seen, process } = noting({ kind: 'done', value: { any: 'value' } })
      consume(sweep, process)
      await counted(queue, {})
      assert.deepEqual(seen, ['c-a'])
    })

    it('that is to be retried: it comes back after its delay, as often as it must', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'a'))
      const times: number[] = []
      consume(sweep, async () => {
        times.push(performance.now())
        return times.length < 6 ? { kind: 'retry', delayMs: 30 } : { kind: 'done' }
      })
      await eventually(() => assert.equal(times.length, 6))
      for (let i = 1; i < times.length; i++)
        assert.ok(times[i]! - times[i - 1]! >= 25, `came after ${times[i]! - times[i - 1]!} ms`)
      await counted(queue, {})
    })

    it('that is dead: it stays among the failed until a retry, however plain, runs it again', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'a'))
      let runs = 0
      consume(sweep, async () => {
        runs++
        return runs < 4 ? { kind: 'dead', message: 'no feasible positions' } : { kind: 'done' }
      })
      for (const expected of [1, 2, 3]) {
        await counted(queue, { failed: 1 })
        assert.equal(runs, expected)
        await retry(queueNames.sweep(sweep), 'c-a')
        await eventually(() => assert.equal(runs, expected + 1))
      }
      await counted(queue, {})
    })

    it('that is handed back: it runs elsewhere, before the others, as often as it must', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'a', 'b'))
      for (let round = 0; round < 5; round++) {
        const consumer = consume(sweep, untilShutdown)
        await counted(queue, { waiting: 1, active: 1 })
        await consumer.drain()
        await counted(queue, { waiting: 2 })
      }
      const { seen, process } = noting({ kind: 'done' })
      consume(sweep, process)
      await counted(queue, {})
      assert.deepEqual(seen, ['c-a', 'c-b'])
    })

    it('whose processor throws: it is said, and the job runs again after a pause', async () => {
      const { sweep, queue } = sweepQueue()
      await queue.add(jobs(sweep, 'a'))
      const errors: string[] = []
      let runs = 0
      const process: JobProcessor = async () => {
        if (++runs === 1) throw new Error('a defect')
        return { kind: 'done' }
      }
      consume(sweep, process, { onError: ({ message }) => errors.push(message), pauseAfterThrowMs: 20 })
      await eventually(() => assert.equal(runs, 2))
      await counted(queue, {})
      assert.deepEqual(errors, ['a defect'])
    })
  })

  it('removes a queue with all its jobs, and its pause', async () => {
    const { sweep, queue } = sweepQueue()
    await queue.add(jobs(sweep, 'failed'))
    const consumer = consume(sweep, async () => ({ kind: 'dead', message: 'dead' }))
    await counted(queue, { failed: 1 })
    await consumer.drain()
    await queue.add(jobs(sweep, 'waiting'))
    await queue.setPaused(true)
    await queue.remove()
    assert.deepEqual(await queue.withoutOpenJob(['failed', 'waiting']), ['failed', 'waiting'])
    assert.equal(await queue.setPaused(false), false)
    await queue.add(jobs(sweep, 'failed'))
    const { seen, process } = noting({ kind: 'done' })
    consume(sweep, process)
    await eventually(() => assert.deepEqual(seen, ['c-failed']))
  })
}
