import type { Clock } from '../time/clock.ts'
import { jobIds, jobNames, queueNames } from './jobs.ts'
import { MemoryConsumer, type MemoryConsumerOptions } from './memory-consumer.ts'
import { MemoryJobs } from './memory-jobs.ts'
import type { ConfigurationQueue, MergeRequests, QueueConsumer } from './queue.ts'

/**
 * Every queue of a Redis server, in memory, for tests and simulations: what is added here is consumed here. Each call takes
 * its effect at once; only delays and locks pass time, on the clock that is given.
 */
export interface MemoryQueues {
  configurations(sweep: string): ConfigurationQueue
  merges(): MergeRequests
  consume(options: MemoryConsumerOptions): MemoryQueueConsumer
  /** What the retry button of a queue UI does: a failed job waits again. */
  retry(queue: string, id: string): void
  /** Every queue and job is gone, as after FLUSHALL. */
  forget(): void
  /** Remembers how every queue is now; what is returned makes it so again, as a Redis does that comes back from an old disk. */
  image(lockMs: number): () => void
}

export interface MemoryQueueConsumer extends QueueConsumer {
  /** The consumer dies without a word: its jobs come back when their locks have run out. */
  kill(): void
  /** The consumer stands still for longer than its locks last, and does not know it; what is returned lets it go on. */
  freeze(): () => void
}

/** `keptWhenCompleted`: how many completed jobs a queue remembers, like BullMQ's; an older one can be added again. */
export function createMemoryQueues(clock: Clock, { keptWhenCompleted = 1_000 } = {}): MemoryQueues {
  const queues = new Map<string, MemoryJobs>()
  const jobsOf = (queue: string): MemoryJobs => {
    const jobs = queues.get(queue) ?? new MemoryJobs(clock, keptWhenCompleted)
    queues.set(queue, jobs)
    return jobs
  }
  return {
    configurations: (sweep) => configurationQueue(() => jobsOf(queueNames.sweep(sweep))),
    merges: () => mergeRequests(() => jobsOf(queueNames.merges)),
    consume: (options) => new MemoryConsumer(jobsOf(options.queue), options),
    retry: (queue, id) => jobsOf(queue).retry(id),
    forget: () => {
      for (const jobs of queues.values()) jobs.clear()
    },
    image: (lockMs) => {
      const restores = new Map([...queues].map(([name, jobs]) => [name, jobs.image(lockMs)]))
      return () => {
        for (const [name, jobs] of queues) {
          const restore = restores.get(name)
          if (restore) restore()
          else jobs.clear()
        }
      }
    },
  }
}

function configurationQueue(jobs: () => MemoryJobs): ConfigurationQueue {
  const idOf = ({ key }: { key: string }) => jobIds.configuration(key)
  const add: ConfigurationQueue['add'] = async (added, priority = 0) => {
    for (const job of added) jobs().add({ id: idOf(job), name: jobNames.configuration, data: job, priority })
  }
  return {
    add,
    counts: async () => jobs().counts(),
    withoutOpenJob: async (keys) => keys.filter((key) => !jobs().isOpen(idOf({ key }))),
    ensure: async (ensured, priority) => {
      for (const job of ensured) jobs().retry(idOf(job))
      await add(ensured, priority)
    },
    setPaused: async (paused) => {
      if (jobs().isPaused === paused) return false
      jobs().isPaused = paused
      return true
    },
    isPaused: async () => jobs().isPaused,
    remove: async () => jobs().clear(),
    close: async () => {},
  }
}

function mergeRequests(jobs: () => MemoryJobs): MergeRequests {
  return {
    ask: async (request) => {
      const id = jobIds.merge(request.sweep, request.revision)
      if (!jobs().isOpen(id)) jobs().remove(id)
      jobs().add({ id, name: jobNames.merge, data: request, priority: 0 })
    },
    close: async () => {},
  }
}
