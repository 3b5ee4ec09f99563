import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { type ServiceName, serviceArguments } from '../../apps/cli/running/service-process.ts'
import type { Chance } from '../simulation/chance.ts'
import type { Journal } from './journal.ts'
import type { Logs } from './logs.ts'

export interface ServiceDescription {
  /** Also the name of its host, as its records show it. */
  readonly name: string
  readonly kind: ServiceName
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** A service that is started again whenever it ends, as an orchestrator would. */
export interface KeptService extends ServiceDescription {
  readonly pid: number
  /** It has said that it is at work. */
  readonly isUp: boolean
  /** Somebody is about to harm it. */
  isTaken: boolean
  /** How many times it was started. */
  readonly starts: number
  signal(signal: NodeJS.Signals): void
  /** Resolves when the process there is now has ended. */
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>
  /** It ends for good: asked to drain, and killed when it does not. */
  stop(): Promise<void>
}

export interface Services {
  readonly all: readonly KeptService[]
  start(description: ServiceDescription): KeptService
  /** One that is up, and that nobody else harms until `isTaken` is false again; waits for one. */
  take(kind: ServiceName, chance: Chance, signal: AbortSignal): Promise<KeptService>
  stopAll(): Promise<void>
  /** Without a word, for when there is no time. */
  killAll(): void
}

/** What a service says once it is at work. */
const upWhen: Partial<Record<ServiceName, string>> = { worker: 'subscribed' }

export function keepServices(folder: string, { journal, logs }: { journal: Journal; logs: Logs }): Services {
  const all: KeptService[] = []
  return {
    all,
    start(description) {
      const service = keepService(description, join(folder, `${description.name}.log`), { journal, logs })
      all.push(service)
      return service
    },
    async take(kind, chance, signal) {
      for (;;) {
        const up = all.filter((service) => service.kind === kind && service.isUp && !service.isTaken)
        const taken = up.length > 0 ? chance.pick(up) : undefined
        if (taken) return Object.assign(taken, { isTaken: true })
        signal.throwIfAborted()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    stopAll: async () => void (await Promise.all(all.map((service) => service.stop()))),
    killAll: () => {
      for (const service of all) service.signal('SIGKILL')
    },
  }
}

const drainPatienceMs = 20_000

function keepService(
  description: ServiceDescription,
  logFile: string,
  { journal, logs }: { journal: Journal; logs: Logs },
): KeptService {
  const { name, kind } = description
  let isStopped = false
  let isUp = false
  let starts = 0
  let child: ChildProcess
  let ended: KeptService['ended']
  const start = () => {
    starts++
    isUp = false
    child = spawnService(description, logFile)
    const ending = endOf(child)
    ended = ending
    void ending.then((end) => {
      isUp = false
      journal.note('a service ended', { service: name, pid: child.pid, ...end })
      if (!isStopped) setTimeout(() => !isStopped && start(), restartMs)
    })
  }
  start()
  logs.follow(name, logFile)
  const upLine = upWhen[kind] ?? 'started'
  logs.onLine(({ service, msg, facts }) => {
    if (service === name && msg === upLine && (facts.pid === undefined || facts.pid === child.pid)) isUp = true
  })
  return {
    ...description,
    isTaken: false,
    get pid() {
      return child.pid ?? 0
    },
    get isUp() {
      return isUp
    },
    get starts() {
      return starts
    },
    get ended() {
      return ended
    },
    signal: (signal) => void child.kill(signal),
    async stop() {
      isStopped = true
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), drainPatienceMs)
      await ended
      clearTimeout(timer)
    },
  }
}

const restartMs = 50

/** Dies with this process even while it is stopped, which nothing else would end. */
function spawnService({ kind, args, environment }: ServiceDescription, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a')
  const service = [process.execPath, ...serviceArguments(kind, args)]
  const child = spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', '--', ...service], {
    stdio: ['pipe', log, log],
    env: environment,
    detached: true,
  })
  closeSync(log)
  child.stdin!.on('error', () => undefined)
  return child
}

function endOf(child: ChildProcess): KeptService['ended'] {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ status: null, signal: null }))
    child.once('exit', (status, signal) => resolve({ status, signal }))
  })
}
