import { Worker } from 'node:worker_threads'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import type { FileCause, WreckFile, WreckRow, WreckStyle } from './wreck.ts'
import type { WreckReply, WreckRequest } from './wreck-messages.ts'

/** Gets rows of a file. */
export type TakeRows = (rows: readonly WreckRow[]) => void | Promise<void>

export interface WreckReader {
  /**
   * Reads the file at `path`, which is not changed. `take` gets its rows, some at a time, and no more before it is done
   * with them; they count only when the file that comes back has no fault. Never rejects for what is in a file; rejects
   * with what `take` throws, and PROCESS_FAILED when no thread starts.
   */
  read(path: string, take: TakeRows): Promise<WreckFile>
  close(): Promise<void>
}

export interface WreckReaderOptions {
  /** Threads, started when they are first needed. */
  readonly size: number
  /**
   * Processor time that a file may take until its next 256 rows, or its end: a busy machine makes no file a bad one. Twelve
   * times as long by the clock, for a disk that does not answer.
   */
  readonly timeoutMs: number
  /** The layout that files must have; by default each is asked itself. */
  readonly style?: WreckStyle | undefined
  /** Whether rows come with everything that is in their groups. */
  readonly groups?: boolean
}

const largestOldGenerationMb = 512
/** In time limits, by the clock. */
const longestWait = 12

/**
 * A reader of worker and merged files of any origin and of every layout in `wreckStyles`. libhdf5 runs in disposable
 * threads, shut into its own memory: no file can hang or break the process, or reach another file. A thread that takes
 * too long or crashes is thrown away; its file has that as its fault, and the next one gets a fresh thread.
 */
export function createWreckReader(options: WreckReaderOptions): WreckReader {
  const pool = new ThreadPool(options)
  return { read: (path, take) => pool.read({ path, take }), close: () => pool.close() }
}

interface Job {
  readonly path: string
  readonly take: TakeRows
}
interface OpenJob extends Job {
  settle(file: WreckFile): void
  fail(error: unknown): void
}

class ThreadPool {
  readonly #options: WreckReaderOptions
  readonly #waiting: OpenJob[] = []
  readonly #threads = new Set<ReadingThread>()
  #closed = false

  constructor(options: WreckReaderOptions) {
    this.#options = options
  }

  read(job: Job): Promise<WreckFile> {
    if (this.#closed) return Promise.reject(closedError())
    return new Promise((settle, fail) => {
      this.#waiting.push({ ...job, settle, fail })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting.splice(0)) job.fail(closedError())
    await Promise.all([...this.#threads].map((thread) => thread.end(closedError())))
  }

  #next(): void {
    if (this.#closed || this.#waiting.length === 0) return
    const idle = [...this.#threads].find((thread) => thread.idle)
    const thread = idle ?? (this.#threads.size < this.#options.size ? this.#start() : undefined)
    const job = thread && this.#waiting.shift()
    if (job !== undefined) thread?.begin(job)
  }

  #start(): ReadingThread {
    const thread: ReadingThread = new ReadingThread(this.#options, {
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

/** One worker thread and the file it is at. */
class ReadingThread {
  readonly #worker: Worker
  readonly #options: WreckReaderOptions
  readonly #events: { freed(): void; gone(): void }
  #ready = false
  #job: OpenJob | undefined
  #timer: NodeJS.Timeout | undefined
  #ending: Promise<unknown> | undefined
  /** What the thread had used when it was asked, and when that was. */
  #usedMs = 0
  #askedAt = 0

  constructor(options: WreckReaderOptions, events: { freed(): void; gone(): void }) {
    this.#options = options
    this.#events = events
    this.#worker = new Worker(new URL('./wreck-thread.ts', import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: largestOldGenerationMb },
    })
    this.#worker.on('message', (reply: WreckReply) => void this.#receive(reply))
    this.#worker.on('error', (error) => this.#crash(error))
    this.#worker.on('exit', () => this.#crash(new Error('the thread ended')))
  }

  get idle(): boolean {
    return this.#job === undefined && this.#ending === undefined
  }

  begin(job: OpenJob): void {
    this.#job = job
    this.#worker.ref()
    const { style, groups = false } = this.#options
    if (this.#ready) this.#ask({ kind: 'read', path: job.path, wishes: { style, groups } })
  }

  /** Ends the thread; a file it is at fails with `error`. */
  async end(error: Error): Promise<void> {
    this.#free()?.fail(error)
    await this.#throwAway()
  }

  #ask(request: WreckRequest): void {
    this.#askedAt = performance.now()
    this.#patience(this.#options.timeoutMs)
    this.#worker.postMessage(request)
  }

  async #receive(reply: WreckReply): Promise<void> {
    clearTimeout(this.#timer)
    this.#usedMs = reply.cpuMs
    if (reply.kind === 'ready') {
      this.#ready = true
      if (this.#job !== undefined) this.begin(this.#job)
      return
    }
    if (!(await this.#handOver(reply.rows))) return
    if (reply.kind === 'rows') {
      this.#ask({ kind: 'more' })
      return
    }
    const job = this.#free()
    if (reply.worn) void this.#throwAway()
    job?.settle(reply.file)
    if (!reply.worn) this.#events.freed()
  }

  /** False when nobody wants the rest of the file: the receiver of the rows threw, or the thread has ended meanwhile. */
  async #handOver(rows: readonly WreckRow[]): Promise<boolean> {
    const job = this.#job
    try {
      if (rows.length > 0) await job?.take(rows)
      return job !== undefined && this.#job === job
    } catch (error) {
      if (this.#job === job) this.#free()
      void this.#throwAway()
      job?.fail(error)
      return false
    }
  }

  #patience(ms: number): void {
    this.#timer = setTimeout(() => void this.#lookAtClock(this.#job), ms)
  }

  /** Gives a file up that has used its time; one that has had no processor yet gets more of it. */
  async #lookAtClock(job: OpenJob | undefined): Promise<void> {
    const { timeoutMs } = this.#options
    const { user, system } = await this.#worker.cpuUsage().catch(whenEnded)
    if (job === undefined || this.#job !== job) return
    const leftMs = timeoutMs - ((user + system) / 1000 - this.#usedMs)
    const waitedMs = performance.now() - this.#askedAt
    if (leftMs <= 0 || waitedMs >= longestWait * timeoutMs) this.#giveUp()
    else this.#patience(Math.max(leftMs, timeoutMs / 10))
  }

  #giveUp(): void {
    const job = this.#free()
    void this.#throwAway()
    job?.settle(unread('reader_timeout', `Reading it took longer than ${this.#options.timeoutMs} ms.`))
  }

  #crash(error: unknown): void {
    const job = this.#free()
    void this.#throwAway()
    if (this.#ready) {
      job?.settle(unread('reader_crashed', `The reader crashed: ${messageOf(error)}.`))
      return
    }
    const message = `A thread that reads files does not start: ${messageOf(error)}`
    job?.fail(new WindrowError('PROCESS_FAILED', { message, cause: error }))
  }

  #free(): OpenJob | undefined {
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

/** A thread that has ended uses no more; what becomes of its file is told elsewhere. */
function whenEnded(error: unknown): { user: number; system: number } {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_NOT_RUNNING')
    return { user: 0, system: 0 }
  throw error
}

function unread(cause: FileCause, detail: string): WreckFile {
  return {
    ...{ bytes: 0, sha256: '', superblockVersion: undefined, style: undefined, rootAttributes: {}, rows: 0 },
    fault: { cause, detail },
  }
}

function closedError(): WindrowError {
  return new WindrowError('PROCESS_FAILED', { message: 'The reader of files is closed.' })
}
