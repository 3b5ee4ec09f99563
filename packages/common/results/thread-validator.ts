import { Worker } from 'node:worker_threads'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import type { ResultLimits } from './result-schema.ts'
import type { ValidationReply, ValidationRequest, ValidationSetting } from './validation-messages.ts'
import type { ResultExpectation, Validator, Verdict } from './verdict.ts'

export interface ThreadValidatorOptions {
  /** How long one validation may take. */
  readonly timeoutMs: number
  /** Threads, started when they are first needed. */
  readonly size: number
  /** Module whose export `evaluation` is a LayoutEvaluation; the project's own by default. */
  readonly evaluationModule?: URL
  readonly limits?: ResultLimits
}

interface Job {
  readonly request: ValidationRequest
  settle(verdict: Verdict): void
  fail(error: Error): void
}

/** A thread whose libhdf5 has grown beyond this is replaced: its memory never shrinks. */
const largestHeapBytes = 256 * 2 ** 20
const largestOldGenerationMb = 512

/**
 * A validator whose libhdf5 runs in disposable threads, so that no file can hang or break the process. A thread that
 * takes longer than `timeoutMs` or crashes is thrown away with the verdict reader-timeout or reader-crashed, and the next
 * file gets a fresh one. Idle threads do not keep the process alive. The caller's bytes stay its own (a copy is
 * transferred).
 */
export function createThreadValidator(options: ThreadValidatorOptions): Validator {
  const pool = new ThreadPool(options)
  return {
    validate: (bytes, expectation) => pool.run(bytes, expectation),
    close: () => pool.close(),
  }
}

class ThreadPool {
  readonly #options: ThreadValidatorOptions
  readonly #waiting: Job[] = []
  readonly #threads = new Set<ValidationThread>()
  #closed = false

  constructor(options: ThreadValidatorOptions) {
    this.#options = options
  }

  run(bytes: Uint8Array, expectation: ResultExpectation): Promise<Verdict> {
    if (this.#closed) return Promise.reject(closedError())
    // Not slice(): that of a Buffer is a view into a pool that others use.
    const copy = new Uint8Array(bytes)
    return new Promise((settle, fail) => {
      this.#waiting.push({ request: { bytes: copy, expectation }, settle, fail })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting.splice(0)) job.fail(closedError())
    await Promise.all([...this.#threads].map((thread) => thread.end(closedError())))
  }

  #next(): void {
    if (this.#closed) return
    const idle = [...this.#threads].find((thread) => thread.idle)
    const thread = idle ?? (this.#threads.size < this.#options.size ? this.#start() : undefined)
    if (thread === undefined) return
    const job = this.#waiting.shift()
    if (job === undefined) return
    thread.take(job)
  }

  #start(): ValidationThread | undefined {
    if (this.#waiting.length === 0) return undefined
    const thread = new ValidationThread(this.#options, {
      freed: () => this.#next(),
      gone: () => {
        this.#threads.delete(thread)
        this.#next()
      },
    })
    this.#threads.add(thread)
    return thread
  }
}

/** One worker thread and the job it is at. */
class ValidationThread {
  readonly #worker: Worker
  readonly #timeoutMs: number
  readonly #events: { freed(): void; gone(): void }
  #ready = false
  #job: Job | undefined
  #timer: NodeJS.Timeout | undefined
  #ending: Promise<unknown> | undefined

  constructor(options: ThreadValidatorOptions, events: { freed(): void; gone(): void }) {
    this.#timeoutMs = options.timeoutMs
    this.#events = events
    const module = options.evaluationModule ?? new URL('./problem-evaluation.ts', import.meta.url)
    const setting: ValidationSetting = { evaluationModule: module.href, limits: options.limits }
    this.#worker = new Worker(new URL('./validation-thread.ts', import.meta.url), {
      workerData: setting,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: largestOldGenerationMb },
    })
    this.#worker.on('message', (reply: ValidationReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#crash(error))
    this.#worker.on('exit', () => this.#crash(new Error('the thread ended')))
  }

  get idle(): boolean {
    return this.#job === undefined && this.#ending === undefined
  }

  take(job: Job): void {
    this.#job = job
    this.#worker.ref()
    if (this.#ready) this.#send(job)
  }

  /** Ends the thread; a job it is at fails with `error`. */
  async end(error: Error): Promise<void> {
    this.#free()?.fail(error)
    await this.#throwAway()
  }

  #send({ request }: Job): void {
    const { buffer } = request.bytes
    this.#timer = setTimeout(() => this.#giveUp(), this.#timeoutMs)
    this.#worker.postMessage(request, buffer instanceof ArrayBuffer ? [buffer] : [])
  }

  #receive(reply: ValidationReply): void {
    if (reply.kind === 'ready') {
      this.#ready = true
      if (this.#job !== undefined) this.#send(this.#job)
      return
    }
    const job = this.#free()
    if (reply.kind === 'failed') {
      job?.fail(failureOf(reply))
      this.#events.freed()
      return
    }
    const worn = reply.heapBytes > largestHeapBytes || (!reply.verdict.ok && reply.verdict.reason === 'reader-crashed')
    if (worn) void this.#throwAway()
    job?.settle(reply.verdict)
    if (!worn) this.#events.freed()
  }

  #giveUp(): void {
    const job = this.#free()
    void this.#throwAway()
    const detail = `Reading the file took longer than ${this.#timeoutMs} ms.`
    job?.settle({ ok: false, reason: 'reader-timeout', detail })
  }

  #crash(error: unknown): void {
    const job = this.#free()
    void this.#throwAway()
    if (this.#ready) {
      job?.settle({ ok: false, reason: 'reader-crashed', detail: `The reader crashed: ${messageOf(error)}.` })
      return
    }
    const message = `A validation thread does not start: ${messageOf(error)}`
    job?.fail(new WindrowError('PROCESS_FAILED', { message, cause: error }))
  }

  #free(): Job | undefined {
    clearTimeout(this.#timer)
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

function failureOf({ code, message }: Extract<ValidationReply, { kind: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new WindrowError(code, { message })
}

function closedError(): WindrowError {
  return new WindrowError('PROCESS_FAILED', { message: 'The validator is closed.' })
}
