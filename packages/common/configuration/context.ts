import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { readLeader } from '../cluster/cluster-file.ts'
import { leaderUrl } from '../cluster/leader-url.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import { type LocalDirectory, localDirectory } from './local-directory.ts'

export interface ContextSources {
  readonly flags: { readonly redis?: string; readonly store?: string; readonly dir?: string }
  readonly environment: { readonly WINDROW_REDIS_URL?: string; readonly WINDROW_STORE?: string }
  readonly workingDirectory: string
  /** The name of this host. */
  readonly host: string
}

/** Which Redis and which store a command talks to. */
export interface Context {
  readonly store: string
  /** undefined: none is running; read-only commands do without, acting ones start one. */
  readonly redis?: string
  /** Redis and store are this machine's own: acting commands start what they need here. */
  readonly local: boolean
  readonly directory: LocalDirectory
}

const runningSchema = z.object({ redis: z.string(), pid: z.int() })

/**
 * The context of a command: flag, else environment, else the nearest `.windrow` at or above the working directory
 * (a new one in the working directory when there is none). Where no Redis is named, that of whoever leads
 * the cluster of the store, else of a run in this directory.
 */
export async function resolveContext({ flags, environment, workingDirectory, host }: ContextSources): Promise<Context> {
  const root = flags.dir ? resolve(workingDirectory, flags.dir) : nearestDirectory(workingDirectory)
  const directory = localDirectory(root)
  const store = flags.store ?? environment.WINDROW_STORE
  const redis = flags.redis ?? environment.WINDROW_REDIS_URL
  const storeUrl = store ?? pathToFileURL(directory.store).href
  if (redis !== undefined) return { store: storeUrl, redis, local: false, directory }
  // A leader may move to another host: it is followed there, while the run in this directory is what it is.
  const running = async () => (store === undefined ? await runningRedis(directory) : undefined)
  return { store: storeUrl, redis: (await leadingRedis(storeUrl, host)) ?? (await running()), local: true, directory }
}

/** The Redis of whoever leads the cluster of a file store, unless it was on this host and is gone. */
async function leadingRedis(storeUrl: string, host: string): Promise<string | undefined> {
  if (!storeUrl.startsWith('file:')) return undefined
  // What is wrong with the store is said by whoever opens it; another user's cluster is none of ours.
  const leader = await readLeader(storeUrl).catch((error: unknown) => {
    if (isWindrowError(error)) return undefined
    throw error
  })
  const isThere = leader && (leader.host !== host || isAlive(leader.pid))
  return isThere ? leaderUrl(storeUrl) : undefined
}

function nearestDirectory(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const candidate = join(folder, '.windrow')
    // A `.windrow` without a store holds tools of the set-up, not sweeps.
    if (existsSync(localDirectory(candidate).store)) return candidate
    if (folder === dirname(folder)) return join(resolve(from), '.windrow')
  }
}

/** The Redis of a `windrow run` that is alive in this directory. */
async function runningRedis(directory: LocalDirectory): Promise<string | undefined> {
  const text = await readFile(directory.running, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const running = text === undefined ? undefined : runningSchema.safeParse(JSON.parse(text)).data
  return running && isAlive(running.pid) ? running.redis : undefined
}

/** True when a process of this id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
