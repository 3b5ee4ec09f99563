import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { ServiceName, ServiceProcess } from './service-process.ts'

export interface KeepServiceOptions {
  readonly service: ServiceName
  readonly logFile: string
  readonly start: (onUnexpectedEnd: (how: string) => void) => ServiceProcess
  readonly clock: Clock
  /** Told what a person should know. */
  readonly say: (line: string) => void
  /** Called with PROCESS_FAILED when the service keeps dying. */
  readonly fail: (error: WindrowError) => void
}

const restartsAllowed = 5

/** One that lived for so long did not die of how it was started. */
const livedMs = 60_000

/**
 * Starts a service, and starts it again when it dies: at once the first time, then after pauses that double, half a minute
 * in all, so that it finds a store or a Redis that was away for a moment. After five quick deaths in a row it gives up.
 */
export function keepService({ service, logFile, start, clock, say, fail }: KeepServiceOptions): ServiceProcess {
  const stopping = new AbortController()
  let restarts = 0
  let startedAt = clock.now()
  let current = start(onUnexpectedEnd)
  let restarting = Promise.resolve()

  function onUnexpectedEnd(how: string): void {
    if (stopping.signal.aborted) return
    if (clock.now() - startedAt >= livedMs) restarts = 0
    if (++restarts > restartsAllowed) {
      const message = `the ${service} ${how}, for the ${restarts}th time`
      fail(new WindrowError('PROCESS_FAILED', { message, next: `Read ${logFile}.` }))
      return
    }
    say(`the ${service} ${how}; starting it again (its log: ${logFile})`)
    restarting = startAgain(restarts === 1 ? 0 : 1_000 * 2 ** (restarts - 1))
  }

  async function startAgain(pauseMs: number): Promise<void> {
    if (pauseMs > 0) await clock.sleep(pauseMs, stopping.signal)
    if (stopping.signal.aborted) return
    startedAt = clock.now()
    current = start(onUnexpectedEnd)
  }

  return {
    get pid() {
      return current.pid
    },
    async stop() {
      stopping.abort()
      await restarting
      await current.stop()
    },
    kill() {
      stopping.abort()
      current.kill()
    },
  }
}
