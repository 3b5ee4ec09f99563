import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { encodeRecord } from '../records/record-codec.ts'
import { parseRedisUrl } from '../redis/redis-url.ts'
import { syncFolder, temporaryPrefix, unlinkIfThere } from '../store/durable-files.ts'
import { errnoOf, translateFileError } from '../store/file-errors.ts'
import { type FileStoreRoot, findRoot } from '../store/file-store-root.ts'
import { names } from '../store/names.ts'

const leaderSchema = z.object({
  schema: z.literal(1),
  /** Drawn anew by every leader: tells one from the next. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** The URL of its Redis, with the password. */
  redis: z.string().refine(isNetworkUrl, 'expected redis://:password@host:port'),
  host: z.string().min(1),
  pid: z.int().positive(),
  sweep: z.string().min(1),
  startedAt: z.iso.datetime(),
})

/** The `windrow run --listen` that others join: what `cluster.json` of a file store says. */
export type ClusterLeader = z.infer<typeof leaderSchema>

/**
 * Who leads the cluster of a file store, read afresh; undefined when nobody says so. Throws STORE_RECORD_INVALID when it is
 * no file of ours, STORE_UNAVAILABLE when it belongs to somebody else or the store is not there.
 */
export async function readLeader(storeUrl: string): Promise<ClusterLeader | undefined> {
  const root = await findRoot(storeUrl)
  try {
    const file = await openIfThere(pathIn(root))
    if (!file) return undefined
    try {
      refuseStranger(root, (await file.stat()).uid)
      return parseLeader(pathIn(root), await file.readFile('utf8'))
    } finally {
      await file.close()
    }
  } catch (error) {
    throw errnoOf(error) === 'EACCES' ? ofAnother(root, error) : translated(root, error, 'read')
  }
}

/** The leader that the text of a `cluster.json` names. STORE_RECORD_INVALID; nothing of the text is in its message: it holds a password. */
export function parseLeader(path: string, text: string): ClusterLeader {
  const invalid = (what: string) =>
    new WindrowError('STORE_RECORD_INVALID', {
      message: `${path} is not what a leader wrote: ${what}`,
      next: 'Remove it; a leader that runs writes it again.',
    })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('it is no JSON')
  }
  const parsed = leaderSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.map(({ path: field, message }) => `${field.join('.')}: ${message}`).join('; '))
}

/** Says who leads, as a whole and for this user alone, in the place of whoever did before. */
export async function writeLeader(storeUrl: string, leader: ClusterLeader): Promise<void> {
  const root = await findRoot(storeUrl)
  const temporary = join(root.path, temporaryPrefix + randomBytes(16).toString('hex'))
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(encodeRecord(leaderSchema.parse(leader)))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, pathIn(root))
    await syncFolder(root.path)
  } catch (error) {
    await unlinkIfThere(temporary)
    throw translated(root, error, 'write')
  }
}

/** Takes the word of a leader back, unless another one leads by now. */
export async function removeLeader(storeUrl: string, { id }: Pick<ClusterLeader, 'id'>): Promise<void> {
  const root = await findRoot(storeUrl)
  if ((await readLeader(storeUrl))?.id !== id) return
  try {
    await unlinkIfThere(pathIn(root))
  } catch (error) {
    throw translated(root, error, 'write')
  }
}

/** For messages: who it is, without the password. */
export function describeLeader({ redis, host, pid, sweep }: ClusterLeader): string {
  const { target } = parseRedisUrl(redis)
  const at = 'port' in target ? `${target.host}:${target.port}` : target.socket
  return `the leader of ${sweep} on ${host} (process ${pid}, Redis at ${at})`
}

const pathIn = ({ path }: FileStoreRoot) => join(path, names.cluster)

/** undefined when there is none. A symbolic link fails: it may lead to a file of somebody else. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Somebody else who may write into the store must not lead our workers; root may look after those of others. */
function refuseStranger(root: FileStoreRoot, owner: number): void {
  const own = process.getuid?.() ?? owner
  if (own !== 0 && owner !== own) throw ofAnother(root, new Error(`its owner is user ${owner}`))
}

function ofAnother(root: FileStoreRoot, cause: unknown): WindrowError {
  return new WindrowError('STORE_UNAVAILABLE', {
    message: `${pathIn(root)} belongs to another user (${messageOf(cause)}).`,
    cause,
    next: 'Start the workers as the user who runs the leader.',
  })
}

function translated(root: FileStoreRoot, error: unknown, act: 'read' | 'write'): WindrowError {
  return translateFileError(error, { name: names.cluster, url: root.url, act })
}

function isNetworkUrl(text: string): boolean {
  try {
    const { target, password } = parseRedisUrl(text)
    return 'port' in target && !target.tls && password !== undefined
  } catch {
    return false
  }
}
