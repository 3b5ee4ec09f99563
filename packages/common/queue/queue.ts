import type { ConfigurationJob, MergeJob } from './jobs.ts'

export interface QueueCounts {
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly failed: number
}

/** The producer's side of a sweep's queue. Adapters: bullmq-queue.ts, memory-queue.ts. */
export interface ConfigurationQueue {
  /** Adds one job a configuration, in order; a job that is there already, in whatever state, is left as it is. */
  add(jobs: readonly ConfigurationJob[], priority?: number): Promise<void>
  counts(): Promise<QueueCounts>
  /** Of `keys`, those that have no job that will run: absent, or in the failed or completed set. */
  withoutOpenJob(keys: readonly string[]): Promise<string[]>
  /** Makes sure a job will run for each: adds the absent, sends failed and completed ones back to wait. */
  ensure(jobs: readonly ConfigurationJob[], priority?: number): Promise<void>
  /** While it is paused no job begins; those that run run on. Answers whether that changed anything. */
  setPaused(paused: boolean): Promise<boolean>
  isPaused(): Promise<boolean>
  /** Takes the queue away with all its jobs, in whatever state. */
  remove(): Promise<void>
  close(): Promise<void>
}

/**
 * Where merges are asked for. Asking again for a revision whose request waits or runs is asking once; when that one is over,
 * it is asked anew: a merge that failed can be wanted again, and a ledger made anew counts its revisions from 0. So whoever
 * merges looks first whether it is still wanted. Adapters: bullmq-merges.ts, memory-queue.ts.
 */
export interface MergeRequests {
  ask(request: MergeJob): Promise<void>
  close(): Promise<void>
}

/** What becomes of a job after its processor is through with it. */
export type JobDisposition =
  | { readonly kind: 'done'; readonly value?: unknown }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'hand-back' }
  | { readonly kind: 'dead'; readonly message: string }

export interface ConsumedJob {
  readonly id: string
  readonly name: string
  /** Unvalidated: parse it with the schema in jobs.ts. */
  readonly data: unknown
  /** Its last worker was lost with it: it comes back by itself, nobody asked for it to be run again. */
  readonly redelivered: boolean
}

/**
 * The consumer's side. `process` never throws for what it foresees; a throw is logged and retried after a pause.
 * `shutdown` aborts when the consumer drains: the processor stops its work and returns 'hand-back'.
 */
export interface QueueConsumer {
  /** How many jobs may run at once; 0 takes nothing new. */
  setConcurrency(slots: number): void
  /** Jobs that wait (none while the queue is paused: they cannot be taken) and jobs that run here. */
  demand(): Promise<{ waiting: number; running: number }>
  /** Takes nothing new, aborts what runs, waits for it to be handed back, closes. */
  drain(): Promise<void>
}

export type JobProcessor = (job: ConsumedJob, shutdown: AbortSignal) => Promise<JobDisposition>
