import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'

/** A host file that hostile files name, and that tells whether anything ever opened it. */
export interface Canary {
  readonly path: string
  /** Whether it was opened, by whomever. */
  readonly opened: boolean
  release(): void
}

/** What stands in the file. */
export const canaryText = 'the content of a file of this machine'

/**
 * A named pipe with somebody waiting to write into it: the moment any process opens it for reading, the writer gets through
 * and ends. Nothing else does.
 */
export function plantCanary(folder: string): Canary {
  const path = join(folder, 'host-file')
  execFileSync('sh', ['-c', 'mkfifo "$0"', path])
  const writer: ChildProcess = spawn('sh', ['-c', 'echo "$0" > "$1"', canaryText, path], { stdio: 'ignore' })
  return {
    path,
    get opened() {
      return writer.exitCode !== null || writer.signalCode !== null
    },
    release: () => void writer.kill('SIGKILL'),
  }
}
