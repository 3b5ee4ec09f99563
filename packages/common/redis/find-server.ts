import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { WindrowError } from '../errors/windrow-error.ts'

export interface RedisProgram {
  readonly binary: string
  /** Where its libraries are when the system's loader would not find them (LD_LIBRARY_PATH). */
  readonly libraryPath?: string
  /** As the program reports it, `7.0.15`. */
  readonly version: string
}

export interface RedisSearch {
  /** The PATH of the process. */
  readonly path: string
  /** The active conda environment, if there is one. */
  readonly condaPrefix?: string | undefined
  /** Windrow's own folder, whose `.windrow/tools/redis` the set-up fills. */
  readonly root: string
}

/**
 * The Redis (or Valkey) server to start: the first that runs and is 6.2 or newer on the PATH, in the active conda
 * environment, unpacked by the set-up, or in brew's folders.
 * Throws REDIS_MISSING, naming those that were passed over and why.
 */
export async function findRedisServer(search: RedisSearch): Promise<RedisProgram> {
  const passedOver: string[] = []
  for (const candidate of candidates(search)) {
    if (!existsSync(candidate.binary)) continue
    const version = await versionOf(candidate)
    if (version !== undefined && isRecentEnough(version)) return { ...candidate, version }
    passedOver.push(
      `${candidate.binary} (${version === undefined ? 'does not run' : `version ${version} is older than 6.2`})`,
    )
  }
  const details = passedOver.length === 0 ? '' : `; passed over: ${passedOver.join(', ')}`
  throw new WindrowError('REDIS_MISSING', {
    message: `There is no redis-server (6.2 or newer) or valkey-server on the PATH, in a conda environment or in .windrow/tools${details}`,
    context: { passedOver },
  })
}

const programNames = ['redis-server', 'valkey-server']
const brewFolders = ['/opt/homebrew/bin', '/usr/local/bin', '/home/linuxbrew/.linuxbrew/bin']

function candidates({ path, condaPrefix, root }: RedisSearch): Omit<RedisProgram, 'version'>[] {
  const onPath = path.split(delimiter).filter((folder) => folder !== '')
  const inConda = condaPrefix === undefined || condaPrefix === '' ? [] : [join(condaPrefix, 'bin')]
  const unpacked = join(root, '.windrow', 'tools', 'redis')
  const libraryPath = libraryFolders(unpacked).join(':')
  return [
    ...inFolders([...onPath, ...inConda]),
    ...inFolders([join(unpacked, 'usr', 'bin')]).map((candidate) => ({ ...candidate, libraryPath })),
    ...inFolders(brewFolders),
  ]
}

const inFolders = (folders: string[]) =>
  folders.flatMap((folder) => programNames.map((name) => ({ binary: join(folder, name) })))

/** Every `usr/lib/<triplet>` and `lib/<triplet>` of an unpacked Debian package, whatever the architecture. */
function libraryFolders(unpacked: string): string[] {
  return [join(unpacked, 'usr', 'lib'), join(unpacked, 'lib')]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(folder, name)),
    )
}

/** undefined when the program does not run (a library is missing, another architecture). */
function versionOf({ binary, libraryPath }: Omit<RedisProgram, 'version'>): Promise<string | undefined> {
  const env = { LC_ALL: 'C', ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }) }
  return new Promise((resolve) => {
    execFile(binary, ['--version'], { env, timeout: 10_000 }, (error, stdout) => {
      resolve(error ? undefined : /\bv=(\d+\.\d+\.\d+)/.exec(stdout)?.[1])
    })
  })
}

function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 2)
}
