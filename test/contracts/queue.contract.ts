import { afterEach, describe } from 'node:test'
import { queueConsumingContract } from './queue-consuming.contract.ts'
import { type QueuesUnderTest, queueHands } from './queue-hands.ts'
import { queueJobsContract } from './queue-jobs.contract.ts'
import { queueMergesContract } from './queue-merges.contract.ts'

/** What every adapter of the queue's three ports promises. */
export function queueContract(adapter: string, queues: QueuesUnderTest): void {
  const hands = queueHands(queues)

  describe(`queue contract: ${adapter}`, () => {
    afterEach(() => hands.closeOpened())
    queueJobsContract(hands)
    queueConsumingContract(hands)
    queueMergesContract(hands)
  })
}
