/** A script blocks Redis while it runs: for about a millisecond with so many requests. */
const atMost = 500

interface Waiting<Request> {
  readonly request: Request
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers the requests of one turn of the event loop and has them answered together: a worker with many slots gets its
 * jobs in bunches, and each call costs Redis more than the work in it. When `answer` fails, all requests of its call fail alike.
 */
export class ScriptBatch<Request> {
  readonly #answer: (requests: readonly Request[]) => Promise<readonly unknown[]>
  #waiting: Waiting<Request>[] = []

  /** `answer` gives a reply to each request, in their order. */
  constructor(answer: (requests: readonly Request[]) => Promise<readonly unknown[]>) {
    this.#answer = answer
  }

  add(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#send())
      this.#waiting.push({ request, resolve, reject })
    })
  }

  #send(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let from = 0; from < waiting.length; from += atMost) void this.#ask(waiting.slice(from, from + atMost))
  }

  async #ask(waiting: readonly Waiting<Request>[]): Promise<void> {
    try {
      const replies = await this.#answer(waiting.map(({ request }) => request))
      for (const [i, { resolve }] of waiting.entries()) resolve(replies[i])
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
