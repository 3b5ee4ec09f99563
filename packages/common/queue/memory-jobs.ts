import type { Clock } from '../time/clock.ts'
import type { ConsumedJob, QueueCounts } from './queue.ts'

export interface AddedJob extends Omit<ConsumedJob, 'redelivered'> {
  readonly priority: number
}

type MemoryJob = AddedJob & {
  state: 'waiting' | 'active' | 'delayed' | 'failed' | 'completed'
  turn: number
  lock: number
  redelivered: boolean
}

/** A job as its consumer has it. `lock` tells this run of it from every other. */
export interface TakenJob extends ConsumedJob {
  readonly lock: number
}

/** The jobs of one queue in memory, in BullMQ's order: without priority first, then the lower number, then the longer wait. */
export class MemoryJobs {
  readonly #clock: Clock
  readonly #keptWhenCompleted: number
  /** Oldest first; among them may be some that wait again. */
  readonly #completed: TakenJob[] = []
  readonly #jobs = new Map<string, MemoryJob>()
  readonly #listeners = new Set<() => void>()
  #isPaused = false
  #lastTurn = 0
  #firstTurn = 0
  #lastLock = 0

  constructor(clock: Clock, keptWhenCompleted: number) {
    this.#clock = clock
    this.#keptWhenCompleted = keptWhenCompleted
  }

  add(added: AddedJob): void {
    if (this.#jobs.has(added.id)) return
    // What is given to Redis is text: nobody shares the object.
    const data: unknown = JSON.parse(JSON.stringify(added.data))
    this.#jobs.set(added.id, { ...added, data, state: 'waiting', turn: ++this.#lastTurn, lock: 0, redelivered: false })
    this.#announce()
  }

  /** Makes a failed or completed job wait again; nothing happens to any other. */
  retry(id: string): void {
    const job = this.#jobs.get(id)
    if (job?.state === 'failed' || job?.state === 'completed') this.#wait(job, ++this.#lastTurn)
  }

  remove(id: string): void {
    this.#jobs.delete(id)
  }

  clear(): void {
    this.#jobs.clear()
    this.#isPaused = false
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** While it is paused nothing is taken. */
  set isPaused(paused: boolean) {
    this.#isPaused = paused
    this.#announce()
  }

  isOpen(id: string): boolean {
    const state = this.#jobs.get(id)?.state
    return state === 'waiting' || state === 'active' || state === 'delayed'
  }

  counts(): QueueCounts {
    const counts = { waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0 }
    for (const { state } of this.#jobs.values()) counts[state]++
    const { waiting, active, delayed, failed } = counts
    return { waiting, active, delayed, failed }
  }

  /** The next job, now active; undefined when none waits, or the queue is paused. */
  take(): TakenJob | undefined {
    if (this.#isPaused) return undefined
    let next: MemoryJob | undefined
    for (const job of this.#jobs.values()) {
      if (job.state === 'waiting' && (!next || isBefore(job, next))) next = job
    }
    if (!next) return undefined
    next.state = 'active'
    next.lock = ++this.#lastLock
    const { id, name, data, lock, redelivered } = next
    next.redelivered = false
    return { id, name, data, lock, redelivered }
  }

  finish(taken: TakenJob, state: 'failed' | 'completed'): void {
    const job = this.#heldBy(taken)
    if (!job) return
    job.state = state
    if (state === 'completed') this.#keepNewest(taken)
  }

  /** Back to the head of the queue. */
  handBack(taken: TakenJob): void {
    const job = this.#heldBy(taken)
    if (job) this.#wait(job, --this.#firstTurn)
  }

  async delay(taken: TakenJob, delayMs: number): Promise<void> {
    const job = this.#heldBy(taken)
    if (!job) return
    job.state = 'delayed'
    await this.#clock.sleep(delayMs)
    if (this.#jobs.get(job.id) === job && job.state === 'delayed') this.#wait(job, ++this.#lastTurn)
  }

  /** What happens to the job of a consumer that is gone: its lock runs out, and it waits again. */
  async expire(taken: TakenJob, lockMs: number): Promise<void> {
    await this.#clock.sleep(lockMs)
    const job = this.#heldBy(taken)
    if (job) job.redelivered = true
    this.handBack(taken)
  }

  /**
   * Remembers how everything is now; what is returned makes it so again. Whoever held a job then may be through with it by
   * now and does not know that it was forgotten: the job comes back when its lock, of `lockMs`, has run out.
   */
  image(lockMs: number): () => void {
    const [jobs, isPaused] = [structuredClone([...this.#jobs]), this.#isPaused]
    return () => {
      this.#jobs.clear()
      for (const [id, job] of structuredClone(jobs)) {
        this.#jobs.set(id, job)
        if (job.state === 'active') void this.expire(job, lockMs)
        if (job.state === 'delayed') this.#wait(job, ++this.#lastTurn)
      }
      this.isPaused = isPaused
    }
  }

  /** `listener` hears whenever a job may be there to be taken. Returns what ends that. */
  onWaiting(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #heldBy({ id, lock }: TakenJob): MemoryJob | undefined {
    const job = this.#jobs.get(id)
    return job?.state === 'active' && job.lock === lock ? job : undefined
  }

  #keepNewest(completed: TakenJob): void {
    this.#completed.push(completed)
    if (this.#completed.length <= this.#keptWhenCompleted) return
    const { id, lock } = this.#completed.shift()!
    const job = this.#jobs.get(id)
    if (job?.state === 'completed' && job.lock === lock) this.#jobs.delete(id)
  }

  #wait(job: MemoryJob, turn: number): void {
    job.state = 'waiting'
    job.turn = turn
    this.#announce()
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

const isBefore = (a: MemoryJob, b: MemoryJob) =>
  a.priority < b.priority || (a.priority === b.priority && a.turn < b.turn)
