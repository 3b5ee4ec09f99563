import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { Chance } from './chance.ts'
import type { Scheduler } from './scheduler.ts'

/** What may befall a call that a process makes of a neighbour. */
export interface CallFaults {
  /** The process dies before the call has its effect, or after it. */
  readonly crash: number
  /** It has no effect, and fails as an outage does. Stores only. */
  readonly failed: number
  /** It has its effect, but fails as if it had not. Stores only. */
  readonly unheard: number
  /** It has its effect twice: sent again after a connection broke. */
  readonly twice: number
  /** It takes seconds. */
  readonly slow: number
}

/** Of the same host: its disk and its own threads. */
export type Neighbour = 'store' | 'redis' | 'host'

export interface ProcessOptions {
  readonly name: string
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly faults: () => CallFaults
  /** Its clock is so far off. */
  readonly clockOffMs: number
  /** Told that it died by itself. */
  readonly onCrash: () => void
  /** Told of every call that has its effect, with what it answers. */
  readonly onCall: (point: string, answer: unknown) => void
  /** Told of every fault. */
  readonly onFault: (fault: string) => void
}

/** A process of the simulation: everything it does of its neighbours passes through here, takes time, and may go wrong. */
export class SimulatedProcess {
  readonly name: string
  readonly shutdown = new AbortController()
  readonly #options: ProcessOptions
  #isAlive = true
  #thaw: Promise<void> | undefined

  constructor(options: ProcessOptions) {
    this.name = options.name
    this.#options = options
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /**
   * It is gone: nothing it still asks for happens. What waits for an answer gets an error that nobody expects, so that the
   * code ends and lets go of its files instead of waiting for ever.
   */
  kill(): void {
    this.#isAlive = false
    this.shutdown.abort()
  }

  /** Nothing goes on in it until `thaw` resolves; what it asked for before happens all the same. */
  freeze(thaw: Promise<void>): void {
    this.#thaw = thaw.then(() => {
      this.#thaw = undefined
    })
  }

  call<T>(neighbour: Neighbour, what: string, effect: () => Promise<T>): Promise<T> {
    const { scheduler, chance, faults, onFault } = this.#options
    const rates = faults()
    const point = `${this.name}: ${neighbour} ${what}`
    const suffers = (fault: keyof CallFaults, among: readonly Neighbour[]) => {
      const does = among.includes(neighbour) && chance.happens(rates[fault])
      if (does) onFault(`${fault} ${point}`)
      return does
    }
    return new Promise((resolve, reject) => {
      const die = () => reject(new ProcessDied(point))
      const answer = (act: () => void) =>
        scheduler.after(this.#latencyMs(neighbour), () => this.#whenAwake(() => (this.#isAlive ? act() : die())))
      const begin = async () => {
        if (!this.#isAlive) return die()
        const dies = suffers('crash', ['store', 'redis', 'host'])
        if (dies && chance.happens(0.5)) {
          this.#crash()
          return die()
        }
        if (suffers('failed', ['store'])) return answer(() => reject(outage(point)))
        try {
          const isTwice = suffers('twice', ['redis'])
          const result = await scheduler.atOnce(() => (isTwice ? effect().then(effect) : effect()))
          this.#options.onCall(point, result)
          if (dies) this.#crash()
          const isUnheard = suffers('unheard', ['store'])
          answer(() => (isUnheard ? reject(outage(point)) : resolve(result)))
        } catch (error) {
          answer(() => reject(error))
        }
      }
      const delayMs = suffers('slow', ['store', 'redis']) ? chance.between(500, 4_000) : this.#latencyMs(neighbour)
      scheduler.after(delayMs, () => void begin())
    })
  }

  clock(): Clock {
    const { scheduler, clockOffMs } = this.#options
    return {
      now: () => scheduler.now + clockOffMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          const wake = () => this.#whenAwake(resolve)
          if (signal?.aborted) return wake()
          signal?.addEventListener('abort', wake, { once: true })
          scheduler.after(ms, wake)
        }),
    }
  }

  #latencyMs(neighbour: Neighbour): number {
    const { chance } = this.#options
    return neighbour === 'store' ? chance.between(2, 30) : chance.between(0.2, 3)
  }

  #whenAwake(act: () => void): void {
    if (this.#isAlive && this.#thaw) void this.#thaw.then(() => this.#whenAwake(act))
    else act()
  }

  #crash(): void {
    if (!this.#isAlive) return
    this.kill()
    this.#options.onCrash()
  }
}

class ProcessDied extends Error {}

const outage = (point: string) => new WindrowError('STORE_UNAVAILABLE', { message: `simulated outage of ${point}` })
