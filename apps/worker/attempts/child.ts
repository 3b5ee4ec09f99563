import { type ChildProcess, fork } from 'node:child_process'
import type { ReplyMessage, RunMessage } from '../child/messages.ts'
import { killTree } from './process-tree.ts'

export interface Child {
  readonly pid: number
  /** Sends a run; resolves with the reply, or with how the process ended instead. */
  run(message: RunMessage): Promise<ReplyMessage | ChildEnd>
  /** Where what it prints goes from now on. */
  setLog(write: (chunk: Uint8Array) => void): void
  /** Ends the process and everything it started. */
  kill(): Promise<void>
}

export interface ChildEnd {
  readonly kind: 'ended'
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

const childEntry = new URL('../child/main.ts', import.meta.url)

/** Starts a child process, with this environment and nothing else, and waits until it can take a run. */
export async function startChild(environment: NodeJS.ProcessEnv): Promise<Child> {
  const child = fork(childEntry, [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: environment,
  })
  let write: (chunk: Uint8Array) => void = () => undefined
  child.stdout!.on('data', (chunk: Uint8Array) => write(chunk))
  child.stderr!.on('data', (chunk: Uint8Array) => write(chunk))
  const ended = new Promise<ChildEnd>((resolve) => {
    // Not 'close': whoever inherited the pipes may hold them open long after.
    child.once('exit', (status, signal) => resolve({ kind: 'ended', status, signal }))
  })
  const ready = await Promise.race([nextMessage(child), ended, failedStart(child)])
  if (ready.kind !== 'ready') throw new Error(`a child process ended before it was ready: ${JSON.stringify(ready)}`)
  return {
    pid: child.pid!,
    async run(message) {
      const reply = nextMessage(child)
      child.send(message, (error) => {
        // The channel is gone with the process, and `ended` says so.
        if (error) child.kill('SIGKILL')
      })
      return await Promise.race([reply, ended])
    },
    setLog: (to) => {
      write = to
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) await killTree(child.pid!)
      await ended
    },
  }
}

function nextMessage(child: ChildProcess): Promise<ReplyMessage> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as ReplyMessage)))
}

function failedStart(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => child.once('error', reject))
}
