import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { systemClock } from '../time/clock.ts'
import { connectRedis } from './connection.ts'
import { awaitPreviousServer } from './previous-server.ts'
import {
  listenerUrl,
  placeListener,
  type RedisListener,
  serverPidFile,
  writeServerConfiguration,
} from './server-configuration.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

export interface RedisServerOptions {
  /** The program and where its libraries are, as findRedisServer returns them. */
  readonly binary: string
  readonly libraryPath?: string | undefined
  /** The server's own folder: data, log, configuration (with the password). Made if absent, and closed to others. */
  readonly directory: string
  /** A Unix socket (`redis.sock` in the directory unless named) by default; or a TCP port, which needs a password. */
  readonly listen?: RedisListener
  /** Stops the server when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** How long it may take to load its data and answer; 2 minutes by default. */
  readonly startTimeoutMs?: number
}

export interface RedisServer {
  /** For connectRedis. Holds the password of a TCP listener: use redactUrl before showing it. */
  readonly url: string
  readonly pid: number
  /** undefined for a TCP listener. In a folder of its own under the system's tmp when the directory's path is too long. */
  readonly socket: string | undefined
  /** Resolves when the server has ended, whoever ended it. */
  readonly ended: Promise<RedisServerEnd>
  /** Ends the server with its data written to disk, and resolves when it is gone. */
  stop(): Promise<void>
}

export interface RedisServerEnd {
  /** It was asked to stop. */
  readonly expected: boolean
  /** How it ended, and the last lines of its log. */
  readonly message: string
}

/**
 * Starts a Redis server of our own and waits until it has loaded its data and answers. It writes an append-only file
 * (synced every second) and evicts nothing. It ends with the process that started it, however that ends, SIGKILL
 * included; the terminal's Ctrl-C does not reach it, so that those who use it can drain first.
 *
 * Throws PROCESS_FAILED with the end of its log when it does not start, DIRECTORY_LOCKED when another server still uses
 * the directory, USAGE when a TCP listener has no proper password.
 */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const { binary, libraryPath, directory, signal } = options
  const listener = await placeListener(options.listen ?? {}, directory)
  await awaitPreviousServer(directory)
  const configurationFile = await writeServerConfiguration(directory, listener)
  const temporaryFolder = 'socket' in listener ? listener.temporaryFolder : undefined
  const logFile = join(directory, 'redis.log')
  const process = await startServerProcess({ binary, libraryPath, configurationFile, logFile, temporaryFolder })

  let expected = false
  const stop = () => {
    expected = true
    return process.end(stopPatienceMs)
  }
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) await stop()
  const ended = process.ended.then((how) => {
    signal?.removeEventListener('abort', stop)
    return { expected, message: `redis-server ${how}` }
  })
  const url = listenerUrl(listener)
  try {
    const pid = await firstAnswer(url, { process, directory, logFile, timeoutMs: options.startTimeoutMs ?? 120_000 })
    return { url, pid, socket: 'socket' in listener ? listener.socket : undefined, ended, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** How long a server may take to write what is outstanding before it is killed. */
const stopPatienceMs = 20_000

interface Start {
  readonly process: ServerProcess
  readonly directory: string
  readonly logFile: string
  readonly timeoutMs: number
}

/** Asks until the server answers, which it does when its data are loaded; returns its process id. */
async function firstAnswer(url: string, start: Start): Promise<number> {
  const client = connectRedis(url)
  let timer: NodeJS.Timeout | undefined
  const failure = new Promise<never>((_resolve, reject) => {
    const fail = (how: string) => reject(didNotStart(how, start))
    start.process.ended.then(fail, reject)
    timer = setTimeout(() => fail(`did not answer within ${start.timeoutMs / 1000} s`), start.timeoutMs)
  })
  try {
    return await Promise.race([processIdOf(client, start), failure])
  } finally {
    clearTimeout(timer)
    client.disconnect()
  }
}

/** Whatever else answers on the same port, with an error or with another process id, is not our server. */
async function processIdOf(client: Redis, start: Start): Promise<number> {
  const information = await client.info('server').catch((error: unknown) => messageOf(error))
  const answering = /^process_id:(\d+)/m.exec(information)?.[1]
  const ours = (await readFile(serverPidFile(start.directory), 'utf8').catch(messageOf)).trim()
  if (answering !== undefined && answering === ours) return Number(answering)
  await systemClock.sleep(1_000)
  throw didNotStart(`does not answer where it should (${answering ?? information} does)`, start)
}

function didNotStart(how: string, { logFile }: Start): WindrowError {
  return new WindrowError('PROCESS_FAILED', {
    message: `redis-server ${how}`,
    context: { logFile },
    next: `Read ${logFile}.`,
  })
}
