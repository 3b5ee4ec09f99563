import { DelayedError, type Job, type Telemetry, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { endConnection } from '../redis/connection.ts'
import { translateRedisError } from '../redis/redis-health.ts'
import { systemClock } from '../time/clock.ts'
import type { JobDisposition, JobProcessor, QueueConsumer } from './queue.ts'

export interface BullmqConsumerOptions {
  /** The queue's name, see jobs.ts. */
  readonly queue: string
  readonly process: JobProcessor
  /** Jobs at once to begin with; 0 waits for `setConcurrency`. */
  readonly concurrency: number
  /** How long after its worker was last heard of a job goes to another: minutes, for jobs of hours. */
  readonly lockDurationMs: number
  /** Hears of everything that goes wrong outside of `process`, and of what it throws; for a log. */
  readonly onError: (error: Error) => void
  /** Hears of jobs whose lock could not be renewed: somebody else may run them by now. */
  readonly onLocksLost: (jobIds: readonly string[]) => void
  /** Goes on from the span that a job was added in (tracing/open-tracing.ts). It has no part in what is run. */
  readonly telemetry?: Telemetry | undefined
  /** How often it is looked for jobs whose worker is gone. */
  readonly stalledIntervalMs?: number
  /** The pause before a job is taken again whose processor threw. */
  readonly pauseAfterThrowMs?: number
  /** How long `drain` waits for Redis after every processor has returned; what it did not hear of comes back by its lock. */
  readonly closeTimeoutMs?: number
}

/** The pause after a call that the connection did not outlive. BullMQ's own is 15 s, in which the slot does nothing. */
const pauseAfterLostCallMs = 1_000

/** Keeps the newest completed jobs for a queue UI. `removeOnComplete: true` would break every job. */
const keptWhenCompleted = 1_000

/**
 * Takes jobs from a BullMQ queue. It has connections of its own, made like `redis`, and closes them. Attempts are not
 * counted here: every job is run once each time it is taken, and `process` says what becomes of it.
 */
export function openBullmqConsumer(redis: Redis, options: BullmqConsumerOptions): QueueConsumer {
  return new BullmqConsumer(redis, options)
}

class BullmqConsumer implements QueueConsumer {
  readonly #options: BullmqConsumerOptions
  readonly #connection: Redis
  readonly #worker: Worker
  readonly #running = new Map<Promise<JobDisposition>, AbortController>()
  #slots: number
  #draining: Promise<void> | undefined

  constructor(redis: Redis, options: BullmqConsumerOptions) {
    const { lockDurationMs, onError, stalledIntervalMs = Math.min(lockDurationMs, 30_000) } = options
    this.#options = options
    this.#slots = options.concurrency
    this.#connection = redis.duplicate({ maxRetriesPerRequest: null })
    // BullMQ reports the errors of this connection too, but stops to listen before it is closed.
    this.#connection.on('error', () => {})
    this.#worker = new Worker(options.queue, (job, token) => this.#run(job, token), {
      connection: this.#connection,
      autorun: false,
      concurrency: Math.max(1, this.#slots),
      lockDuration: lockDurationMs,
      stalledInterval: stalledIntervalMs,
      // A job that lost its worker often is still to be run: the ledger knows when it has had its attempts.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: pauseAfterLostCallMs,
      removeOnComplete: { count: keptWhenCompleted },
      telemetry: options.telemetry,
    })
    this.#worker.on('error', onError)
    this.#worker.on('lockRenewalFailed', options.onLocksLost)
    if (this.#slots > 0) this.#start()
  }

  setConcurrency(slots: number): void {
    if (this.#draining || slots === this.#slots) return
    const before = this.#slots
    this.#slots = slots
    if (slots > 0) this.#worker.concurrency = slots
    // Taking more is only thought of when a job ends, which may take hours; a pause and its end wake the worker up.
    if (slots < before && slots > 0) return
    // The end of a pause also starts a worker that has never run, or whose loop a pause has ended.
    void this.#reported(this.#worker.pause(true))
    if (slots > 0) void this.#reported(this.#worker.resume())
  }

  async demand(): Promise<{ waiting: number; running: number }> {
    // Whoever asks will act on the answer: make sure that what waits is also being taken.
    if (this.#slots > 0 && !this.#draining && !this.#worker.isRunning()) void this.#reported(this.#worker.resume())
    try {
      // BullMQ looks for the jobs of lost workers only where it takes jobs. Nobody may be taking any: those that are lost do
      // not wait, and a sweep of which nothing waits is given no slots.
      if (this.#slots === 0 && !this.#draining) await this.#worker.getBackend().moveStalledJobsToWait()
      const [waiting, prioritized, isPaused] = await Promise.all([
        this.#connection.llen(this.#worker.toKey('wait')),
        this.#connection.zcard(this.#worker.toKey('prioritized')),
        this.#connection.hexists(this.#worker.toKey('meta'), 'paused'),
      ])
      return { waiting: isPaused ? 0 : waiting + prioritized, running: this.#running.size }
    } catch (error) {
      throw translateRedisError(error) ?? error
    }
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain()
    return this.#draining
  }

  async #drain(): Promise<void> {
    const { closeTimeoutMs = 5_000, onError } = this.#options
    void this.#reported(this.#worker.pause(true))
    for (const controller of this.#running.values()) controller.abort()
    await Promise.allSettled(this.#running.keys())
    const closed = this.#reported(this.#worker.close())
    if (await endsWithin(closed, closeTimeoutMs)) return this.#connection.disconnect()
    const { blockingClient } = this.#worker.getBackend()
    endConnection(this.#connection, onError)
    const cut = this.#reported(
      Promise.resolve(blockingClient).then((client) => client && endConnection(client, onError)),
    )
    await endsWithin(Promise.all([closed, cut]), closeTimeoutMs)
  }

  async #run(job: Job, token: string | undefined): Promise<unknown> {
    // A worker that was waiting for a job when it was told to take none still takes the one that comes.
    const isUnwanted = this.#slots === 0 || this.#draining
    const disposition = isUnwanted ? ({ kind: 'hand-back' } as const) : await this.#process(job)
    switch (disposition.kind) {
      case 'done':
        return disposition.value ?? null
      case 'dead':
        throw new UnrecoverableError(disposition.message)
      case 'retry':
        await this.#reported(this.#delay(job, disposition.delayMs, token))
        throw new DelayedError()
      case 'hand-back':
        await this.#reported(job.moveToWait(token))
        // Also when the move failed: any other error would make it a failed job. As it is, its lock runs out.
        throw new WaitingError()
    }
  }

  /**
   * What is delayed is compared with the clock of whoever looks for it. A machine whose own clock is ahead of that of Redis
   * must not make all others wait for that long.
   */
  async #delay({ id = '' }: Job, delayMs: number, token: string | undefined): Promise<void> {
    const [seconds, microseconds] = await this.#connection.time()
    const now = Math.min(systemClock.now(), Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000))
    await this.#worker.getBackend().moveToDelayed(id, now, Math.max(0, delayMs), token, { skipAttempt: true })
  }

  async #process(job: Job): Promise<JobDisposition> {
    const { id = '', name, data } = job
    const { process, onError, pauseAfterThrowMs = 10_000 } = this.#options
    const shutdown = new AbortController()
    const disposition = (async () =>
      await process({ id, name, data, redelivered: await isRedelivered(job) }, shutdown.signal))()
    this.#running.set(disposition, shutdown)
    try {
      return await disposition
    } catch (error) {
      onError(error instanceof Error ? error : new Error(`processing ${id} threw ${String(error)}`))
      return { kind: 'retry', delayMs: pauseAfterThrowMs }
    } finally {
      this.#running.delete(disposition)
    }
  }

  #start(): void {
    void this.#reported(this.#worker.run())
  }

  /** Waits for what nobody can do anything about when it fails, other than know of it. */
  async #reported(act: Promise<unknown>): Promise<void> {
    try {
      await act
    } catch (error) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

/**
 * Whether the job was found without its worker since it was last taken. BullMQ counts how often that was and never forgets;
 * what it was at the last time is kept as the job's progress.
 */
async function isRedelivered(job: Job): Promise<boolean> {
  if (job.stalledCounter === 0) return false
  const seen = z.object({ stalls: z.number() }).safeParse(job.progress).data?.stalls ?? 0
  if (job.stalledCounter <= seen) return false
  await job.updateProgress({ stalls: job.stalledCounter })
  return true
}

async function endsWithin(act: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController()
  const ended = act.then(() => true)
  const hasEnded = await Promise.race([ended, systemClock.sleep(timeoutMs, timer.signal).then(() => false)])
  timer.abort()
  return hasEnded
}
