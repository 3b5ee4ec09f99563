import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { WindrowError } from '../errors/windrow-error.ts'
import { systemClock } from '../time/clock.ts'
import { serverConfigurationFile, serverPidFile } from './server-configuration.ts'

/**
 * Waits for a server of this directory that is still shutting down (whoever started it was killed a moment ago): two
 * servers on one append-only file destroy it, and the old one takes the socket of the new one away when it ends.
 * Throws DIRECTORY_LOCKED when it is still there after `timeoutMs`.
 */
export async function awaitPreviousServer(directory: string, timeoutMs = 15_000): Promise<void> {
  const deadline = systemClock.now() + timeoutMs
  for (;;) {
    const pid = await runningServer(directory)
    if (pid === undefined) return
    if (systemClock.now() >= deadline) {
      throw new WindrowError('DIRECTORY_LOCKED', {
        message: `A Redis server (process ${pid}) still uses ${directory}`,
        context: { pid, directory },
      })
    }
    await systemClock.sleep(25)
  }
}

/** The process that runs on this directory's configuration file, if there is one; process numbers are used again. */
async function runningServer(directory: string): Promise<number | undefined> {
  const pid = Number(await readIfPresent(serverPidFile(directory)))
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  const commandLine = await commandLineOf(pid)
  return commandLine.includes(serverConfigurationFile(directory)) ? pid : undefined
}

/** Empty when there is no such process. Slim containers have no `ps`, macOS has no /proc. */
async function commandLineOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return (await readIfPresent(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ')
  return new Promise((resolve) => {
    execFile('/bin/ps', ['-ww', '-o', 'args=', '-p', String(pid)], (_error, stdout) => resolve(stdout))
  })
}

async function readIfPresent(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return ''
    throw error
  }
}
