import type { Clock } from '@windrow/common/time/clock.ts'

interface Event {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

/** What the scheduler lets go on in real time between two events: files of a merge, and turns of the event loop. */
const realWork = /^(FSReq|CloseReq|Immediate|MessagePort|Worker)/

/**
 * A virtual clock and what is due on it. One event happens at a time, and everything that follows from it without waiting
 * for another happens before the next: the same seed gives the same run.
 */
export class Scheduler {
  #now: number
  #order = 0
  #underWay = 0
  readonly #events: Event[] = []

  constructor(start: number) {
    this.#now = start
  }

  get now(): number {
    return this.#now
  }

  after(delayMs: number, act: () => void): void {
    const event = { at: this.#now + Math.max(0, delayMs), order: ++this.#order, act }
    let place = this.#events.length
    while (place > 0 && isLater(this.#events[place - 1]!, event)) place--
    this.#events.splice(place, 0, event)
  }

  /** What `work` does takes no virtual time: nothing else happens before it is over. */
  async atOnce<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++
    try {
      return await work()
    } finally {
      this.#underWay--
    }
  }

  /** The clock of what is in no process and is never killed: the Redis server. */
  clock(): Clock {
    return {
      now: () => this.#now,
      sleep: (ms) => new Promise((resolve) => this.after(ms, resolve)),
    }
  }

  /** Lets things happen until `isOver`, or until the clock is at `deadline`. True when it was over before. */
  async run(isOver: () => boolean | Promise<boolean>, deadline: number): Promise<boolean> {
    await this.#quiet()
    while (!(await isOver())) {
      const next = this.#events[0]
      if (!next || next.at > deadline) {
        this.#now = deadline
        return false
      }
      this.#events.shift()
      this.#now = next.at
      next.act()
      await this.#quiet()
    }
    return true
  }

  async #quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve))
    while (this.#underWay > 0 || process.getActiveResourcesInfo().some((resource) => realWork.test(resource)))
  }
}

const isLater = (a: Event, b: Event) => a.at > b.at || (a.at === b.at && a.order > b.order)
