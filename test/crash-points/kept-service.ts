import { readFileSync } from 'node:fs'
import { type ServiceName, type ServiceProcess, startService } from '../../apps/cli/running/service-process.ts'

/** A service that is started again whenever it ends, as a cluster or an init system would. */
export interface KeptService {
  readonly pid: number
  /** How it ended so far, without having been asked to. */
  readonly ends: readonly string[]
  /** Drains it and starts it again. */
  renew(): Promise<void>
  /** Asks it to drain, and does not wait for that. */
  askToDrain(): void
  /** Ends it as a crash would. */
  kill(): void
  stop(): Promise<void>
  log(): string
}

export interface KeptServiceOptions {
  readonly service: ServiceName
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly logFile: string
}

export function keepService(options: KeptServiceOptions): KeptService {
  const ends: string[] = []
  let current: ServiceProcess
  let stopped = false
  const start = () => {
    const onUnexpectedEnd = (how: string) => {
      ends.push(how)
      if (!stopped) start()
    }
    current = startService({ ...options, onUnexpectedEnd })
  }
  start()
  return {
    get pid() {
      return current.pid
    },
    ends,
    async renew() {
      await current.stop()
      if (!stopped) start()
    },
    askToDrain: () => void process.kill(current.pid, 'SIGTERM'),
    kill: () => void process.kill(current.pid, 'SIGKILL'),
    async stop() {
      stopped = true
      await current.stop()
    },
    log: () => readFileSync(options.logFile, 'utf8'),
  }
}
