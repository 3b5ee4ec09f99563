import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type ServiceName = 'producer' | 'worker' | 'merger' | 'dashboard'

export interface ServiceOptions {
  readonly service: ServiceName
  readonly args: readonly string[]
  /** Goes to the service besides this process's own: the URLs of Redis and store, which no command line shows. */
  readonly environment: NodeJS.ProcessEnv
  readonly logFile: string
  /** Told when the process ends without having been asked to. */
  readonly onUnexpectedEnd: (how: string) => void
}

export interface ServiceProcess {
  readonly pid: number
  /** Asks it to drain and resolves when it is gone. */
  stop(): Promise<void>
  /** Ends it at once. */
  kill(): void
}

/** As in bin/windrow. By default V8's young generation grows to 48 MiB (three times a semi-space of 16), needed or not. */
export const nodeFlags = ['--max-semi-space-size=4']
/** What V8 would let pile up before it collects is most of the memory of a merge; a merge so takes an eighth longer. */
export const mergerFlags = [...nodeFlags, '--optimize-for-size']
/** Buffers pass between the threads of a merger; as in bin/windrow. */
export const mergerEnvironment = { MALLOC_ARENA_MAX: '2' }

/** What Node is to run for a service that ends with this process. */
export function serviceArguments(service: ServiceName, args: readonly string[]): string[] {
  const entry = fileURLToPath(new URL(`../../${service}/main.ts`, import.meta.url))
  return [...(service === 'merger' ? mergerFlags : nodeFlags), entry, '--end-with-parent', ...args]
}

/**
 * Starts a service as a process of its own: in its own process group, so that a terminal's Ctrl-C reaches `windrow run`
 * alone, and tied to us by its standard input, so that it drains when we are gone.
 */
export function startService(options: ServiceOptions): ServiceProcess {
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const child = spawn(process.execPath, serviceArguments(options.service, options.args), {
    stdio: ['pipe', log, log],
    env: options.service === 'merger' ? { ...mergerEnvironment, ...options.environment } : options.environment,
    detached: true,
  })
  closeSync(log)
  let expected = false
  const ended = endOf(child).then((how) => {
    if (!expected) options.onUnexpectedEnd(how)
  })
  // Writing to a service that is gone is no failure of ours: its end is reported above.
  child.stdin!.on('error', () => undefined)
  return {
    pid: child.pid ?? 0,
    async stop() {
      expected = true
      child.kill('SIGTERM')
      await ended
    },
    kill() {
      expected = true
      child.kill('SIGKILL')
    },
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('exit', (status, signal) => resolve(signal ? `was ended by ${signal}` : `ended with status ${status}`))
  })
}

/** Where a service of a local directory writes its log. */
export function logFileOf(logs: string, service: ServiceName, n = 0): string {
  return join(logs, n === 0 ? `${service}.log` : `${service}-${n}.log`)
}
