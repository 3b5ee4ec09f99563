import { Queue, type Telemetry } from 'bullmq'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { translateRedisError } from '../redis/redis-health.ts'
import { type ConfigurationJob, jobIds, jobNames, queueNames } from './jobs.ts'
import type { ConfigurationQueue, QueueCounts } from './queue.ts'

/** So many jobs go into one pipeline: enough for full speed, little enough that Redis answers others in between. */
const jobsAtOnce = 1_000

export interface BullmqQueueOptions {
  /** Hears of what goes wrong outside of any call (a lost connection, several times during an outage); for a log. */
  readonly onError: (error: Error) => void
  /** Names in every job the span it was added in (tracing/open-tracing.ts); jobs carry nothing of the kind without it. */
  readonly telemetry?: Telemetry | undefined
}

/**
 * The queue of a sweep in BullMQ. The connection may be shared; it is not closed. Redis errors are REDIS_UNAVAILABLE,
 * REDIS_FULL or REDIS_REFUSED; an `add` that failed may have added some of its jobs, and may be repeated.
 */
export function openBullmqQueue(redis: Redis, sweep: string, options: BullmqQueueOptions): ConfigurationQueue {
  return new BullmqQueue(redis, sweep, options)
}

/** How a job stands: `open` means that it will run, or runs. */
type Standing = 'absent' | 'open' | 'failed' | 'completed'

class BullmqQueue implements ConfigurationQueue {
  readonly #redis: Redis
  readonly #queue: Queue

  constructor(redis: Redis, sweep: string, { onError, telemetry }: BullmqQueueOptions) {
    this.#redis = redis
    this.#queue = new Queue(queueNames.sweep(sweep), { connection: redis, telemetry })
    this.#queue.on('error', onError)
  }

  async add(jobs: readonly ConfigurationJob[], priority = 0): Promise<void> {
    for (const some of inChunks(jobs)) {
      await ask(() => this.#queue.addBulk(some.map((job) => described(job, priority))))
    }
  }

  async counts(): Promise<QueueCounts> {
    const counts = await ask(() => this.#queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed'))
    const { wait = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts
    return { waiting: wait + prioritized, active, delayed, failed }
  }

  async withoutOpenJob(keys: readonly string[]): Promise<string[]> {
    const found: string[] = []
    for (const some of inChunks(keys)) {
      const standings = await this.#standings(some)
      found.push(...some.filter((_, i) => standings[i] !== 'open'))
    }
    return found
  }

  async ensure(jobs: readonly ConfigurationJob[], priority = 0): Promise<void> {
    for (const some of inChunks(jobs)) {
      const standings = await this.#standings(some.map(({ key }) => key))
      const finished = some.filter((_, i) => standings[i] === 'failed' || standings[i] === 'completed')
      await Promise.all(finished.map((job) => this.#takeAway(job)))
      // Those that are there are left alone; one that was removed since it was looked at is added like the absent.
      const added = some.filter((_, i) => standings[i] !== 'open')
      await this.add(added, priority)
    }
  }

  async setPaused(paused: boolean): Promise<boolean> {
    if ((await this.isPaused()) === paused) return false
    await ask(() => (paused ? this.#queue.pause() : this.#queue.resume()))
    return true
  }

  async isPaused(): Promise<boolean> {
    return await ask(() => this.#queue.isPaused())
  }

  async remove(): Promise<void> {
    await ask(() => this.#queue.obliterate({ force: true }))
  }

  async close(): Promise<void> {
    await this.#queue.close()
  }

  /**
   * A finished job makes room for a new one. It is not retried: under the id of a configuration there may be a job that
   * somebody else made, which would be refused each time. One that runs again by now is locked, and stays.
   */
  async #takeAway({ key }: ConfigurationJob): Promise<void> {
    await ask(() => this.#queue.remove(jobIds.configuration(key)))
  }

  async #standings(keys: readonly string[]): Promise<Standing[]> {
    const pipeline = this.#redis.pipeline()
    for (const key of keys) {
      const id = jobIds.configuration(key)
      pipeline.exists(this.#queue.toKey(id))
      pipeline.zscore(this.#queue.toKey('failed'), id)
      pipeline.zscore(this.#queue.toKey('completed'), id)
    }
    const replies = pipelineReply.parse(await ask(() => pipeline.exec())).map(replyOf)
    return keys.map((_, i) => {
      const [exists, failed, completed] = replies.slice(3 * i)
      if (exists === 0) return 'absent'
      if (failed !== null) return 'failed'
      return completed !== null ? 'completed' : 'open'
    })
  }
}

const pipelineReply = z.array(z.tuple([z.instanceof(Error).nullable(), z.unknown()]))

function replyOf([error, value]: [Error | null, unknown]): unknown {
  if (error) throw translateRedisError(error) ?? error
  return value
}

/** The ledger counts attempts, BullMQ runs a job once each time it is taken. */
function described(job: ConfigurationJob, priority: number) {
  const jobId = jobIds.configuration(job.key)
  return {
    name: jobNames.configuration,
    data: job,
    opts: { jobId, attempts: 1, ...(priority > 0 ? { priority } : {}) },
  }
}

async function ask<Reply>(call: () => Promise<Reply>): Promise<Reply> {
  try {
    return await call()
  } catch (error) {
    throw translateRedisError(error) ?? error
  }
}

function* inChunks<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += jobsAtOnce) yield items.slice(from, from + jobsAtOnce)
}
