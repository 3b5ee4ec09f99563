import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type ConfigurationJob, jobIds, queueNames } from '@windrow/common/queue/jobs.ts'
import type { ConfigurationQueue, JobProcessor, MergeRequests, QueueConsumer } from '@windrow/common/queue/queue.ts'
import { eventually } from '../fixtures/eventually.ts'

export interface ConsumerUnderTest {
  readonly queue: string
  readonly process: JobProcessor
  readonly concurrency: number
  readonly onError: (error: Error) => void
  readonly pauseAfterThrowMs?: number
}

/** The queues of one adapter. */
export interface QueuesUnderTest {
  configurations(sweep: string): ConfigurationQueue
  merges(): MergeRequests
  consume(options: ConsumerUnderTest): QueueConsumer
  /** What the retry button of a queue UI does. */
  retry(queue: string, id: string): Promise<void>
}

/** What every adapter of the queue's three ports promises. */
export function queueContract(adapter: string, queues: QueuesUnderTest): void {
  let sweeps = 0
  const opened: { close(): Promise<void> }[] = []

  function sweepQueue(): { sweep: string; queue: ConfigurationQueue } {
    const sweep = `contract-${++sweeps}`
    const queue = queues.configurations(sweep)
    opened.push(queue)
    return { sweep, queue }
  }
  function consume(sweep: string, process: JobProcessor, options: Partial<ConsumerUnderTest> = {}): QueueConsumer {
    const onError = (error: Error) => assert.fail(error)
    const queue = queueNames.sweep(sweep)
    const consumer = queues.consume({ queue, process, concurrency: 1, onError, ...options })
    opened.push({ close: () => consumer.drain() })
    return consumer
  }
  const jobs = (sweep: string, ...keys: string[]): ConfigurationJob[] =>
    keys.map((key, index) => ({ sweep, key, index, manifest: 1 }))

  /** A processor that notes the ids it is given and answers `answer`. */
  function noting(answer: Awaited<ReturnType<JobProcessor>>): { seen: string[]; process: JobProcessor } {
    const seen: string[] = []
    const process: JobProcessor = async ({ id }) => {
      seen.push(id)
      return answer
    }
    return { seen, process }
  }
  const untilShutdown: JobProcessor = async (_job, shutdown) => {
    if (!shutdown.aborted) await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
    return { kind: 'hand-back' }
  }
  const counted = (queue: ConfigurationQueue, expected: Partial<Awaited<ReturnType<ConfigurationQueue['counts']>>>) =>
    eventually(async () => {
      assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0, ...expected })
    })

  describe(`queue contract: ${adapter}`, () => {
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((part) => part.close()))
    })

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
          await queues.retry(queueNames.sweep(sweep), 'c-a')
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

    describe('consuming', () => {
      it('takes jobs that come while it waits', async () => {
        const { sweep, queue } = sweepQueue()
        const { seen, process } = noting({ kind: 'done' })
        const consumer = consume(sweep, process)
        assert.deepEqual(await consumer.demand(), { waiting: 0, running: 0 })
        for (const key of ['a', 'b', 'c']) {
          await queue.add(jobs(sweep, key))
          await eventually(() => assert.ok(seen.includes(`c-${key}`)))
        }
      })

      it('runs as many at once as it is told, and follows when that changes', async () => {
        const { sweep, queue } = sweepQueue()
        await queue.add(jobs(sweep, ...'abcdefgh'))
        const consumer = consume(sweep, untilShutdown, { concurrency: 2 })
        const demands = (waiting: number, running: number) =>
          eventually(async () => assert.deepEqual(await consumer.demand(), { waiting, running }))
        await demands(6, 2)
        consumer.setConcurrency(5)
        await demands(3, 5)
        consumer.setConcurrency(6)
        consumer.setConcurrency(7)
        await demands(1, 7)
        consumer.setConcurrency(1)
        await demands(1, 7)
        await consumer.drain()
        await counted(queue, { waiting: 8 })
      })

      it('never runs more than it is told', async () => {
        const { sweep, queue } = sweepQueue()
        await queue.add(jobs(sweep, ...Array.from({ length: 60 }, (_, i) => `k${i}`)))
        let [running, most] = [0, 0]
        consume(
          sweep,
          async () => {
            most = Math.max(most, ++running)
            await new Promise((resolve) => setTimeout(resolve, 2))
            running--
            return { kind: 'done' }
          },
          { concurrency: 3 },
        )
        await counted(queue, {})
        assert.equal(most, 3)
      })

      it('takes nothing while it has no slots, and goes on when it has', async () => {
        const { sweep, queue } = sweepQueue()
        const { seen, process } = noting({ kind: 'done' })
        const consumer = consume(sweep, process, { concurrency: 0 })
        await queue.add(jobs(sweep, 'a'))
        assert.deepEqual(await consumer.demand(), { waiting: 1, running: 0 })
        consumer.setConcurrency(1)
        await eventually(() => assert.deepEqual(seen, ['c-a']))
        for (const [round, key] of ['b', 'c', 'd'].entries()) {
          consumer.setConcurrency(0)
          await queue.add(jobs(sweep, key))
          // Time for a consumer that would take it in spite of having no slots.
          await new Promise((resolve) => setTimeout(resolve, 60))
          assert.equal(seen.length, round + 1)
          await counted(queue, { waiting: 1 })
          consumer.setConcurrency(2)
          await eventually(() => assert.equal(seen.length, round + 2))
        }
      })

      it('shares the jobs of a queue with others, each job once', async () => {
        const { sweep, queue } = sweepQueue()
        const keys = Array.from({ length: 100 }, (_, i) => `k${i}`)
        const all = noting({ kind: 'done' })
        for (let i = 0; i < 3; i++) consume(sweep, all.process, { concurrency: 4 })
        await queue.add(jobs(sweep, ...keys))
        await counted(queue, {})
        assert.deepEqual(all.seen.sort(), keys.map((key) => `c-${key}`).sort())
      })

      it('drains: takes nothing new, hands back what stops, keeps what still came to its end', async () => {
        const { sweep, queue } = sweepQueue()
        await queue.add(jobs(sweep, 'stops', 'ends', 'waits'))
        const ended: string[] = []
        const consumer = consume(
          sweep,
          async (job, shutdown) => {
            await untilShutdown(job, shutdown)
            if (job.id !== 'c-ends') return { kind: 'hand-back' }
            ended.push(job.id)
            return { kind: 'done' }
          },
          { concurrency: 2 },
        )
        await counted(queue, { waiting: 1, active: 2 })
        await Promise.all([consumer.drain(), consumer.drain()])
        await counted(queue, { waiting: 2 })
        assert.deepEqual(ended, ['c-ends'])
        consumer.setConcurrency(5)
        await counted(queue, { waiting: 2 })
      })
    })

    describe('pausing', () => {
      it('lets no job begin, whoever waits for one, until it ends', async () => {
        const { sweep, queue } = sweepQueue()
        const { seen, process } = noting({ kind: 'done' })
        const consumer = consume(sweep, process)
        assert.equal(await queue.setPaused(true), true)
        assert.equal(await queue.setPaused(true), false, 'it was so already')
        assert.equal(await queue.isPaused(), true)
        await queue.add(jobs(sweep, 'a', 'b'))
        // Time for a consumer that would take one in spite of the pause.
        await new Promise((resolve) => setTimeout(resolve, 100))
        assert.deepEqual(seen, [])
        assert.equal((await queue.counts()).waiting, 2)
        assert.deepEqual(await consumer.demand(), { waiting: 0, running: 0 }, 'none that could be taken')
        assert.equal(await queue.setPaused(false), true)
        assert.equal(await queue.isPaused(), false)
        await eventually(() => assert.deepEqual(seen, ['c-a', 'c-b']))
      })

      it('lets what runs run to its end', async () => {
        const { sweep, queue } = sweepQueue()
        let end = (): void => {}
        const ending = new Promise<void>((resolve) => (end = resolve))
        const seen: string[] = []
        consume(sweep, async ({ id }) => {
          seen.push(id)
          await ending
          return { kind: 'done' }
        })
        await queue.add(jobs(sweep, 'a', 'b'))
        await counted(queue, { waiting: 1, active: 1 })
        await queue.setPaused(true)
        end()
        await counted(queue, { waiting: 1 })
        assert.deepEqual(seen, ['c-a'])
        await queue.setPaused(false)
        await counted(queue, {})
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

    describe('merge requests', () => {
      it('are one, however often they are asked for while they are open', async () => {
        const merges = queues.merges()
        opened.push(merges)
        const sweep = `contract-${++sweeps}`
        const seen: unknown[] = []
        const process: JobProcessor = async ({ data }) => {
          seen.push(data)
          return { kind: 'done' }
        }
        const consumer = consume(sweep, process, { queue: queueNames.merges, concurrency: 0 })
        for (let i = 0; i < 3; i++) await merges.ask({ sweep, revision: 7 })
        await merges.ask({ sweep, revision: 8 })
        assert.deepEqual(await consumer.demand(), { waiting: 2, running: 0 })
        consumer.setConcurrency(1)
        await eventually(() =>
          assert.deepEqual(seen, [
            { sweep, revision: 7 },
            { sweep, revision: 8 },
          ]),
        )
      })

      it('can be asked for again when the one before is over, well or badly', async () => {
        const merges = queues.merges()
        opened.push(merges)
        const sweep = `contract-${++sweeps}`
        let runs = 0
        const process: JobProcessor = async () =>
          ++runs === 1 ? { kind: 'dead', message: 'disk full' } : { kind: 'done' }
        consume(sweep, process, { queue: queueNames.merges })
        for (const expected of [1, 2, 3]) {
          await eventually(async () => {
            await merges.ask({ sweep, revision: 1 })
            assert.ok(runs >= expected)
          })
        }
      })
    })
  })
}
