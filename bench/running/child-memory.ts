import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ChildFigures {
  readonly seconds: number
  /** Most memory it had resident, MiB. */
  readonly peakMiB: number
}

const everyMs = 20

/** Runs a program to its end, with these settings in its environment; throws when it fails. */
export async function runMeasured(
  program: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<ChildFigures> {
  const start = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...settings } })
  let peakKiB = 0
  const timer = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterKiB(child.pid!))
  }, everyMs)
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  clearInterval(timer)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
  return { seconds: (performance.now() - start) / 1000, peakMiB: peakKiB / 1024 }
}

/** The kernel's own record; 0 once the process is over. */
function highWaterKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0
    throw error
  }
}
