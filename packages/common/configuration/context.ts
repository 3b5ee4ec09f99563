import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { type LocalDirectory, localDirectory } from './local-directory.ts'

export interface ContextSources {
  readonly flags: { readonly redis?: string; readonly store?: string; readonly dir?: string }
  readonly environment: { readonly WINDROW_REDIS_URL?: string; readonly WINDROW_STORE?: string }
  readonly workingDirectory: string
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
 * (a new one in the working directory when there is none).
 */
export async function resolveContext({ flags, environment, workingDirectory }: ContextSources): Promise<Context> {
  const root = flags.dir ? resolve(workingDirectory, flags.dir) : nearestDirectory(workingDirectory)
  const directory = localDirectory(root)
  const store = flags.store ?? environment.WINDROW_STORE
  const redis = flags.redis ?? environment.WINDROW_REDIS_URL
  if (store !== undefined || redis !== undefined) {
    return { store: store ?? pathToFileURL(directory.store).href, redis, local: redis === undefined, directory }
  }
  return { store: pathToFileURL(directory.store).href, redis: await runningRedis(directory), local: true, directory }
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
