import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256Of } from '@windrow/common/commits/read-commit.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { syncFolder } from '@windrow/common/store/durable-files.ts'
import { z } from 'zod'
import type { Spool, SpooledResult } from './spool.ts'

const headerSchema = z.object({
  sweep: z.string(),
  key: z.string(),
  index: z.int().nonnegative(),
  epoch: z.int().nonnegative(),
  attempt: z.string(),
  manifest: z.int().nonnegative(),
  record: attemptRecordSchema,
  sha256: z.string(),
})

export interface FileSpoolOptions {
  readonly folder: string
  /** Told of a file that is not whole: it is set aside as `<name>.damaged` and its configuration runs again. */
  readonly onDamaged: (file: string, reason: string) => void
}

/** A spool in a folder: one file a result, a line of JSON and then the bytes, whole or not there at all. */
export function openFileSpool({ folder, onDamaged }: FileSpoolOptions): Spool {
  return {
    async put(result) {
      await makeDurableFolder(folder)
      await writeWhole(join(folder, fileName(result)), encode(result))
    },
    async waiting() {
      const results: SpooledResult[] = []
      for (const file of (await spooledFiles(folder)).sort()) {
        const path = join(folder, file)
        const bytes = await readIfThere(path)
        // Another worker on the same spool has brought it home meanwhile.
        if (!bytes) continue
        const decoded = decode(bytes)
        if (typeof decoded !== 'string') results.push(decoded)
        else {
          await rename(path, `${path}.damaged`)
          onDamaged(path, decoded)
        }
      }
      return results.sort((a, b) => a.record.endedAt.localeCompare(b.record.endedAt))
    },
    depth: async () => (await spooledFiles(folder)).length,
    remove: (result) => rm(join(folder, fileName(result)), { force: true }),
  }
}

// Keys and sweep names hold no separator, so a name cannot leave the folder.
const fileName = ({ sweep, key, attempt }: Pick<SpooledResult, 'sweep' | 'key' | 'attempt'>) =>
  `${sweep}+${key}+${attempt}.spooled`

function encode({ bytes, ...header }: SpooledResult): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...header, sha256: sha256Of(bytes) })}\n`), bytes])
}

function decode(file: Buffer): SpooledResult | string {
  try {
    const end = file.indexOf('\n')
    const { sha256, ...header } = headerSchema.parse(JSON.parse(file.toString('utf8', 0, end)))
    const bytes = new Uint8Array(file.subarray(end + 1))
    return sha256Of(bytes) === sha256 ? { ...header, bytes } : 'its bytes do not match their digest'
  } catch (error) {
    return messageOf(error)
  }
}

async function spooledFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.spooled'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Makes the folder and what is missing above it, with their entries on the disk. */
async function makeDurableFolder(folder: string): Promise<void> {
  const highest = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (highest === undefined) return
  for (let made = folder; made.length >= highest.length; made = dirname(made)) await syncFolder(dirname(made))
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.part`
  try {
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return await syncFolder(dirname(path))
    if (code !== 'ENOSPC') throw cause
    throw new WindrowError('DISK_FULL', { message: `no room to spool a finished result at ${path}`, cause })
  } finally {
    await rm(temporary, { force: true })
  }
}
