import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Generation } from '@windrow/common/records/generation.ts'

/** `layouts.h5` -> `layouts.partial.h5`: where a merge goes that is short of what was asked for. */
export function partialPath(output: string): string {
  const extension = extname(output)
  return `${output.slice(0, output.length - extension.length)}.partial${extension}`
}

/**
 * Refuses an output path before any work starts: its folder must be there and writable, and a file that is there already
 * must be an earlier generation of this sweep. OUTPUT_PATH_TAKEN.
 */
export async function checkOutputPath(output: string, generations: readonly Generation[]): Promise<void> {
  await refuseUnwritable(output)
  for (const path of [output, partialPath(output)]) await refuseForeign(path, generations)
}

/** USAGE when nothing can be written into the folder of an output path. */
export async function refuseUnwritable(output: string): Promise<void> {
  await access(dirname(output), constants.W_OK).catch((cause) => {
    throw new WindrowError('USAGE', { message: `cannot write into ${dirname(output)}: ${cause.message}`, cause })
  })
}

/** Throws OUTPUT_PATH_TAKEN when `path` holds anything but a file of one of these generations. */
export async function refuseForeign(path: string, generations: readonly Generation[]): Promise<void> {
  if (!(await isForeign(path, generations))) return
  throw new WindrowError('OUTPUT_PATH_TAKEN', {
    message: `${path} holds a file that is not, or no longer, an earlier generation of this sweep`,
    context: { path },
  })
}

/** Whether something is at `path` that is no file of these generations, whole. */
export async function isForeign(path: string, generations: readonly Generation[]): Promise<boolean> {
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!there) return false
  const known = there.isFile() ? generations.filter(({ files }) => files.layouts.bytes === there.size) : []
  if (known.length === 0) return true
  const digest = await sha256OfFile(path)
  return !known.some(({ files }) => files.layouts.sha256 === digest)
}

/** SHA-256 of a file of any size, hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
