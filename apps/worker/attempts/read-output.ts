import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { defaultResultLimits } from '@windrow/common/results/result-schema.ts'

/**
 * What an optimizer left, as far as a validator needs it to say that it is too large. No file, or something else than a
 * file (a folder, a link, a pipe on which reading would wait for ever), is an empty output.
 */
export async function readOutput(path: string): Promise<Uint8Array> {
  const file = await openOutput(path)
  if (!file) return new Uint8Array()
  try {
    const found = await file.stat()
    if (!found.isFile()) return new Uint8Array()
    const bytes = new Uint8Array(Math.min(found.size, defaultResultLimits.largestFileBytes + 1))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await file.close()
  }
}

const absent = ['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR']

async function openOutput(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (absent.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
