import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import type { JobProcessor } from '@windrow/common/queue/queue.ts'
import { eventually } from '../fixtures/eventually.ts'
import type { QueueHands } from './queue-hands.ts'

/** What is promised of requests to merge a sweep. */
export function queueMergesContract({ mergeRequests, newSweep, consume }: QueueHands): void {
  describe('merge requests', () => {
    it('are one, however often they are asked for while they are open', async () => {
      const merges = mergeRequests()
      const sweep = newSweep()
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
      const merges = mergeRequests()
      const sweep = newSweep()
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
}
