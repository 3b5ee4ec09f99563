import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../fixtures/eventually.ts'
import { counted, jobs, noting, type QueueHands, untilShutdown } from './queue-hands.ts'

/** How jobs are taken: as many at once as there are slots, each once, until the consumer drains; none while the queue is paused. */
export function queueConsumingContract({ sweepQueue, consume }: QueueHands): void {
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
      // A job is active in the queue before its processor has begun; what has not is handed back.
      await eventually(async () => assert.equal((await consumer.demand()).running, 2))
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
}
