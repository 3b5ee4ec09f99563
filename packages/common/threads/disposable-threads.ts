import { Worker } from 'node:worker_threads'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { startCountdown } from './countdown.ts'
import type { ThreadMessage } from './thread-messages.ts'

export interface DisposableThreadsOptions {
  /** What runs in each thread; it calls answerRequests. */
  readonly module: URL
  /** What the thread gets as workerData. */
  readonly setting?: unknown
  /** Threads, started when they are first needed. */
  readonly size: number
  /** What they are called in errors: `validation`. */
  readonly name: string
}

export interface Asked {
  /** How long the thread may work without a sign of life, before it is thrown away. */
  readonly silenceMs: number
  /** Buffers of the request that are handed over instead of copied. */
  readonly transfer?: readonly ArrayBuffer[]
}

export type ThreadOutcome<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** It gave no sign of life for so long. */
  | { readonly kind: 'silent'; readonly silenceMs: number }
  | { readonly kind: 'crashed'; readonly reason: string }

/**
 * Threads for work that may hang or break its thread. A thread that is silent for too long or crashes is thrown away
 * (and gone when its outcome arrives), and the next request gets a fresh one. Idle threads do not keep the process
 * alive.
 */
export interface DisposableThreads<Request, Answer> {
  /** Rejects with what the work threw, and with PROCESS_FAILED when a thread does not start or the threads are closed. */
  ask(request: Request, asked: Asked): Promise<ThreadOutcome<Answer>>
  close(): Promise<void>
}

export function createDisposableThreads<Request, Answer>(
  options: DisposableThreadsOptions,
): DisposableThreads<Request, Answer> {
  return new ThreadPool<Request, Answer>(options)
}

interface Job<Request, Answer> {
  readonly request: Request
  readonly asked: Asked
  settle(outcome: ThreadOutcome<Answer>): void
  fail(error: Error): void
}

/** Threads live beside others: what V8 would let pile up in each of them before it collects is most of the memory of a merge. */
const youngGenerationMb = 16
const largestOldGenerationMb = 512

class ThreadPool<Request, Answer> implements DisposableThreads<Request, Answer> {
  readonly #options: DisposableThreadsOptions
  readonly #waiting: Job<Request, Answer>[] = []
  readonly #threads = new Set<DisposableThread<Request, Answer>>()
  #closed = false

  constructor(options: DisposableThreadsOptions) {
    this.#options = options
  }

  ask(request: Request, asked: Asked): Promise<ThreadOutcome<Answer>> {
    if (this.#closed) return Promise.reject(this.#closedError())
    return new Promise((settle, fail) => {
      this.#waiting.push({ request, asked, settle, fail })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting.splice(0)) job.fail(this.#closedError())
    await Promise.all([...this.#threads].map((thread) => thread.end(this.#closedError())))
  }

  #next(): void {
    if (this.#closed || this.#waiting.length === 0) return
    const idle = [...this.#threads].find((thread) => thread.idle)
    const thread = idle ?? (this.#threads.size < this.#options.size ? this.#start() : undefined)
    if (thread === undefined) return
    const job = this.#waiting.shift()
    if (job !== undefined) thread.take(job)
  }

  #start(): DisposableThread<Request, Answer> {
    const thread: DisposableThread<Request, Answer> = new DisposableThread(this.#options, {
      freed: () => this.#next(),
      gone: () => {
        this.#threads.delete(thread)
        this.#next()
      },
    })
    this.#threads.add(thread)
    return thread
  }

  #closedError(): WindrowError {
    return new WindrowError('PROCESS_FAILED', { message: `The ${this.#options.name} is closed.` })
  }
}

/** One worker thread and the job it is at. */
class DisposableThread<Request, Answer> {
  readonly #worker: Worker
  readonly #name: string
  readonly #events: { freed(): void; gone(): void }
  #ready = false
  #job: Job<Request, Answer> | undefined
  #stopCountdown: () => void = () => {}
  #ending: Promise<unknown> | undefined

  constructor({ module, setting, name }: DisposableThreadsOptions, events: { freed(): void; gone(): void }) {
    this.#name = name
    this.#events = events
    this.#worker = new Worker(module, {
      workerData: setting,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: largestOldGenerationMb, maxYoungGenerationSizeMb: youngGenerationMb },
    })
    this.#worker.on('message', (message: ThreadMessage<Answer>) => this.#receive(message))
    this.#worker.on('error', (error) => this.#crash(error))
    this.#worker.on('exit', () => this.#crash(new Error('the thread ended')))
  }

  get idle(): boolean {
    return this.#job === undefined && this.#ending === undefined
  }

  take(job: Job<Request, Answer>): void {
    this.#job = job
    this.#worker.ref()
    if (this.#ready) this.#send(job)
  }

  /** Ends the thread; a job it is at fails with `error`. */
  async end(error: Error): Promise<void> {
    this.#free()?.fail(error)
    await this.#throwAway()
  }

  #send({ request, asked: { silenceMs, transfer } }: Job<Request, Answer>): void {
    this.#expectLife(silenceMs)
    this.#worker.postMessage(request, transfer ?? [])
  }

  #expectLife(silenceMs: number): void {
    this.#stopCountdown()
    this.#stopCountdown = startCountdown(silenceMs, () => this.#giveUp(silenceMs))
  }

  #receive(message: ThreadMessage<Answer>): void {
    if (message.kind === 'ready') {
      this.#ready = true
      if (this.#job !== undefined) this.#send(this.#job)
      return
    }
    if (message.kind === 'alive') {
      if (this.#job !== undefined) this.#expectLife(message.silenceMs ?? this.#job.asked.silenceMs)
      return
    }
    const job = this.#free()
    const worn = message.kind === 'answer' && message.worn
    if (worn) void this.#throwAway()
    if (message.kind === 'answer') job?.settle({ kind: 'answer', answer: message.answer })
    else job?.fail(failureOf(message))
    if (!worn) this.#events.freed()
  }

  #giveUp(silenceMs: number): void {
    const job = this.#free()
    void this.#throwAway().then(() => job?.settle({ kind: 'silent', silenceMs }))
  }

  #crash(error: unknown): void {
    const job = this.#free()
    const ended = this.#throwAway()
    if (this.#ready) {
      void ended.then(() => job?.settle({ kind: 'crashed', reason: messageOf(error) }))
      return
    }
    const message = `A ${this.#name} thread does not start: ${messageOf(error)}`
    job?.fail(new WindrowError('PROCESS_FAILED', { message, cause: error }))
  }

  #free(): Job<Request, Answer> | undefined {
    this.#stopCountdown()
    const job = this.#job
    this.#job = undefined
    this.#worker.unref()
    return job
  }

  #throwAway(): Promise<unknown> {
    this.#ending ??= this.#worker.terminate().then(() => this.#events.gone())
    return this.#ending
  }
}

function failureOf({ code, message }: Extract<ThreadMessage<unknown>, { kind: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new WindrowError(code, { message })
}
