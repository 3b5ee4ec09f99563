import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Problem } from '@windrow/common/optimizing/problem.ts'
import type { SalvageSource } from '@windrow/common/results/contents.ts'

export interface PreparationRequest {
  readonly problem: Problem
  /** (2, N), m. */
  readonly layout: Float64Array
  /** Evaluate the AEP on the model of the problem. */
  readonly evaluate: boolean
  /** Make a result file of it; without it the AEP alone is asked for. */
  readonly result?: {
    readonly digest: string
    readonly reportedGWh: number
    readonly source: SalvageSource
  }
}

export type PreparationReply =
  | { readonly kind: 'prepared'; readonly evaluatedGWh: number | undefined; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'failed'; readonly code: ErrorCode | undefined; readonly message: string }

type Prepared = Extract<PreparationReply, { kind: 'prepared' }>

export interface SalvageThreads {
  /** Rejects when the layout cannot be evaluated, or its result not be written. */
  prepare(request: PreparationRequest): Promise<Prepared>
  close(): Promise<void>
}

interface Job {
  readonly request: PreparationRequest
  settle(reply: Prepared): void
  fail(error: Error): void
}

/** Threads that evaluate layouts and encode results, so that all cores do. They see nothing but what was read and checked before. */
export function createSalvageThreads(size: number): SalvageThreads {
  const waiting: Job[] = []
  const threads: SalvageThread[] = []
  const begin = () => {
    const thread = threads.find(({ idle }) => idle) ?? (threads.length < size ? start() : undefined)
    const job = thread && waiting.shift()
    if (job !== undefined) thread?.begin(job)
  }
  const start = () => {
    const thread = new SalvageThread(begin)
    threads.push(thread)
    return thread
  }
  return {
    prepare: (request) =>
      new Promise((settle, fail) => {
        waiting.push({ request, settle, fail })
        begin()
      }),
    close: async () => {
      await Promise.all(threads.map((thread) => thread.end()))
    },
  }
}

class SalvageThread {
  readonly #worker = new Worker(new URL('./salvage-thread.ts', import.meta.url), { execArgv: [] })
  #job: Job | undefined
  #broken: Error | undefined

  constructor(onFree: () => void) {
    this.#worker.on('message', (reply: PreparationReply) => {
      const job = this.#free()
      if (reply.kind === 'prepared') job?.settle(reply)
      else job?.fail(failureOf(reply))
      onFree()
    })
    this.#worker.on('error', (cause) => {
      const message = `A thread that evaluates layouts broke: ${messageOf(cause)}`
      this.#broken = new WindrowError('PROCESS_FAILED', { message, cause })
      this.#free()?.fail(this.#broken)
      onFree()
    })
  }

  get idle(): boolean {
    return this.#job === undefined
  }

  begin(job: Job): void {
    if (this.#broken) job.fail(this.#broken)
    else {
      this.#job = job
      this.#worker.postMessage(job.request)
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #free(): Job | undefined {
    const job = this.#job
    this.#job = undefined
    return job
  }
}

function failureOf({ code, message }: Extract<PreparationReply, { kind: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new WindrowError(code, { message })
}
