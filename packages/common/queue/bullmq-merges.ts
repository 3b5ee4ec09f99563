import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { translateRedisError } from '../redis/redis-health.ts'
import type { BullmqQueueOptions } from './bullmq-queue.ts'
import { jobIds, jobNames, type MergeJob, queueNames } from './jobs.ts'
import type { MergeRequests } from './queue.ts'

/** Merge requests in BullMQ. The connection may be shared; it is not closed. */
export function openBullmqMerges(redis: Redis, { onError, telemetry }: BullmqQueueOptions): MergeRequests {
  const queue = new Queue(queueNames.merges, { connection: redis, telemetry })
  queue.on('error', onError)
  return {
    ask: async (request) => {
      try {
        await askUnlessOpen(queue, request)
      } catch (error) {
        throw translateRedisError(error) ?? error
      }
    },
    close: () => queue.close(),
  }
}

async function askUnlessOpen(queue: Queue, request: MergeJob): Promise<void> {
  const jobId = jobIds.merge(request.sweep, request.revision)
  const earlier = await queue.getJob(jobId)
  // A request that is over keeps its id taken, and BullMQ would ignore ours without a word.
  if (earlier && ((await earlier.isCompleted()) || (await earlier.isFailed()))) await queue.remove(jobId)
  await queue.add(jobNames.merge, request, { jobId, attempts: 1 })
}
