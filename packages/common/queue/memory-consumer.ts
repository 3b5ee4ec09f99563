import type { MemoryJobs, TakenJob } from './memory-jobs.ts'
import type { JobDisposition, JobProcessor, QueueConsumer } from './queue.ts'

export interface MemoryConsumerOptions {
  /** The queue's name, see jobs.ts. */
  readonly queue: string
  readonly process: JobProcessor
  readonly concurrency: number
  readonly lockDurationMs: number
  readonly onError: (error: Error) => void
  readonly pauseAfterThrowMs?: number
}

/** Takes jobs from a queue in memory, the next as soon as there is room. */
export class MemoryConsumer implements QueueConsumer {
  readonly #jobs: MemoryJobs
  readonly #options: MemoryConsumerOptions
  readonly #running = new Map<TakenJob, { shutdown: AbortController; ended: Promise<void> }>()
  readonly #stopListening: () => void
  #slots: number
  #isOver = false
  #isKilled = false
  #isFrozen = false

  constructor(jobs: MemoryJobs, options: MemoryConsumerOptions) {
    this.#jobs = jobs
    this.#options = options
    this.#slots = options.concurrency
    this.#stopListening = jobs.onWaiting(() => this.#fill())
    this.#fill()
  }

  setConcurrency(slots: number): void {
    this.#slots = slots
    this.#fill()
  }

  async demand(): Promise<{ waiting: number; running: number }> {
    return { waiting: this.#jobs.isPaused ? 0 : this.#jobs.counts().waiting, running: this.#running.size }
  }

  async drain(): Promise<void> {
    this.#end()
    const running = [...this.#running.values()]
    for (const { shutdown } of running) shutdown.abort()
    await Promise.all(running.map(({ ended }) => ended))
  }

  kill(): void {
    this.#end()
    this.#isKilled = true
    for (const job of this.#running.keys()) void this.#jobs.expire(job, this.#options.lockDurationMs)
    this.#running.clear()
  }

  freeze(): () => void {
    this.#isFrozen = true
    for (const job of this.#running.keys()) void this.#jobs.expire(job, this.#options.lockDurationMs)
    return () => {
      this.#isFrozen = false
      this.#fill()
    }
  }

  #end(): void {
    this.#isOver = true
    this.#stopListening()
  }

  #fill(): void {
    while (!this.#isOver && !this.#isFrozen && this.#running.size < this.#slots) {
      const job = this.#jobs.take()
      if (!job) return
      const shutdown = new AbortController()
      const ended = this.#run(job, shutdown.signal)
      this.#running.set(job, { shutdown, ended })
    }
  }

  async #run(job: TakenJob, shutdown: AbortSignal): Promise<void> {
    // Nothing of the processor runs before its job is known to be running.
    await Promise.resolve()
    const disposition = await this.#process(job, shutdown)
    if (this.#isKilled) return
    this.#running.delete(job)
    this.#dispose(job, disposition)
    this.#fill()
  }

  async #process({ id, name, data, redelivered }: TakenJob, shutdown: AbortSignal): Promise<JobDisposition> {
    const { process, onError, pauseAfterThrowMs = 10_000 } = this.#options
    try {
      return await process({ id, name, data, redelivered }, shutdown)
    } catch (error) {
      onError(error instanceof Error ? error : new Error(`processing ${id} threw ${String(error)}`))
      return { kind: 'retry', delayMs: pauseAfterThrowMs }
    }
  }

  #dispose(job: TakenJob, disposition: JobDisposition): void {
    switch (disposition.kind) {
      case 'done':
        this.#jobs.finish(job, 'completed')
        break
      case 'dead':
        this.#jobs.finish(job, 'failed')
        break
      case 'hand-back':
        this.#jobs.handBack(job)
        break
      case 'retry':
        void this.#jobs.delay(job, disposition.delayMs)
    }
  }
}
