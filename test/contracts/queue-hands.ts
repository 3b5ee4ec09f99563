import assert from 'node:assert/strict'
import { type ConfigurationJob, queueNames } from '@windrow/common/queue/jobs.ts'
import type { ConfigurationQueue, JobProcessor, MergeRequests, QueueConsumer } from '@windrow/common/queue/queue.ts'
import { eventually } from '../fixtures/eventually.ts'

interface ConsumerUnderTest {
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

/** An adapter's queues as its tests use them. */
export interface QueueHands extends Pick<QueuesUnderTest, 'retry'> {
  /** A name that no other queue of the contract has. */
  newSweep(): string
  sweepQueue(): { sweep: string; queue: ConfigurationQueue }
  mergeRequests(): MergeRequests
  consume(sweep: string, process: JobProcessor, options?: Partial<ConsumerUnderTest>): QueueConsumer
  /** Closes what a test has opened. */
  closeOpened(): Promise<void>
}

export function queueHands(queues: QueuesUnderTest): QueueHands {
  let sweeps = 0
  const opened: { close(): Promise<void> }[] = []
  const newSweep = () => `contract-${++sweeps}`
  return {
    newSweep,
    retry: (queue, id) => queues.retry(queue, id),
    sweepQueue() {
      const sweep = newSweep()
      const queue = queues.configurations(sweep)
      opened.push(queue)
      return { sweep, queue }
    },
    mergeRequests() {
      const merges = queues.merges()
      opened.push(merges)
      return merges
    },
    consume(sweep, process, options = {}) {
      const onError = (error: Error) => assert.fail(error)
      const queue = queueNames.sweep(sweep)
      const consumer = queues.consume({ queue, process, concurrency: 1, onError, ...options })
      opened.push({ close: () => consumer.drain() })
      return consumer
    },
    async closeOpened() {
      await Promise.all(opened.splice(0).map((part) => part.close()))
    },
  }
}

export const jobs = (sweep: string, ...keys: string[]): ConfigurationJob[] =>
  keys.map((key, index) => ({ sweep, key, index, manifest: 1 }))

/** A processor that notes the ids it is given and answers `answer`. */
export function noting(answer: Awaited<ReturnType<JobProcessor>>): { seen: string[]; process: JobProcessor } {
  const seen: string[] = []
  const process: JobProcessor = async ({ id }) => {
    seen.push(id)
    return answer
  }
  return { seen, process }
}

export const untilShutdown: JobProcessor = async (_job, shutdown) => {
  if (!shutdown.aborted) await new Promise((resolve) => shutdown.addEventListener('abort', resolve))
  return { kind: 'hand-back' }
}

export const counted = (
  queue: ConfigurationQueue,
  expected: Partial<Awaited<ReturnType<ConfigurationQueue['counts']>>>,
) =>
  eventually(async () => {
    assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, delayed: 0, failed: 0, ...expected })
  })
