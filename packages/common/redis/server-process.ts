import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { messageOf } from '../errors/windrow-error.ts'

export interface ServerCommand {
  readonly binary: string
  readonly libraryPath?: string | undefined
  readonly configurationFile: string
  /** What the server prints goes here. */
  readonly logFile: string
  /** An own folder of its socket, removed when the server has ended. */
  readonly temporaryFolder?: string | undefined
}

export interface ServerProcess {
  /** Resolves when the server has ended, with how it ended and what it said last. */
  readonly ended: Promise<string>
  /** Asks the server to end, and makes it end after `patienceMs`; resolves when it has. */
  end(patienceMs: number): Promise<void>
}

/**
 * The server runs under a shell that waits on our pipe: the pipe closes when we ask for it, and when this process ends
 * in whatever way, and the shell then lets the server shut down in good order. Both are in a session of their own, where
 * the terminal's Ctrl-C does not reach them. Redis refuses to end while it writes its first append-only file: it is asked
 * again every second.
 */
const guard = `
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _line; while kill -TERM "$server"; do sleep 1; done; } <&3 3<&- 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"; status=$?
kill "$watcher" 2>/dev/null
[ -z "$folder" ] || rmdir "$folder"
exit "$status"
`

/** Starts a server that ends with this process. The process does not stay alive for it. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const log = await open(command.logFile, 'a', 0o600)
  const { size: logStart } = await log.stat()
  const child = spawn(
    '/bin/sh',
    ['-c', guard, 'windrow-redis', command.temporaryFolder ?? '', command.binary, command.configurationFile],
    {
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
      env: serverEnvironment(command.libraryPath),
    },
  )
  const ended = describeEnd(child, { logFile: command.logFile, logStart })
  await log.close()
  child.unref()
  return { ended, end: (patienceMs) => endProcess(child, { ended, patienceMs }) }
}

/** Nothing of our environment: it may hold secrets, and a locale that is not installed keeps Redis from starting. */
function serverEnvironment(libraryPath: string | undefined): NodeJS.ProcessEnv {
  const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  return libraryPath === undefined ? environment : { ...environment, LD_LIBRARY_PATH: libraryPath }
}

async function describeEnd(child: ChildProcess, log: { logFile: string; logStart: number }): Promise<string> {
  const how = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`could not be started (${messageOf(error)})`))
    child.on('exit', (status, signal) =>
      resolve(signal === null ? `ended with status ${status}` : `was ended by ${signal}`),
    )
  })
  const said = await lastWords(log)
  return said === '' ? how : `${how}:\n${said}`
}

/** A log that cannot be read (its folder was removed) must not hide how the server ended. */
async function lastWords({ logFile, logStart }: { logFile: string; logStart: number }): Promise<string> {
  const text = await readFile(logFile).then(
    (bytes) => bytes.subarray(logStart).toString('utf8'),
    (error: unknown) => `(its log: ${messageOf(error)})`,
  )
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '')
    .slice(-6)
    .join('\n')
}

async function endProcess(
  child: ChildProcess,
  { ended, patienceMs }: { ended: Promise<string>; patienceMs: number },
): Promise<void> {
  child.ref()
  child.stdin?.end()
  const timer = setTimeout(() => killGroup(child), patienceMs)
  await ended
  clearTimeout(timer)
}

/** The shell leads a group of its own, in which the server is. */
function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, 'SIGKILL')
}
