import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder, unlinkIfThere } from './durable-files.ts'
import { translateLocalFileError } from './file-errors.ts'

const chunkBytes = 1 << 20

type Translation = (error: unknown) => Error

/** Copies an open file to another one in pieces of 1 MiB; `readFault` makes of a fault of the source what is thrown. */
export async function copyFileTo(source: FileHandle, target: FileHandle, readFault: Translation): Promise<void> {
  const chunk = Buffer.allocUnsafe(chunkBytes)
  for (let position = 0; ; ) {
    const bytesRead = await readChunk(source, { chunk, position, readFault })
    if (bytesRead === 0) return
    for (let written = 0; written < bytesRead; ) {
      written += (await target.write(chunk, written, bytesRead - written, position + written)).bytesWritten
    }
    position += bytesRead
  }
}

/**
 * Writes a local file as a whole, replacing the one that is there. Faults of the file are DISK_FULL or FILE_UNREADABLE;
 * those that `write` translated itself pass.
 */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await unlinkIfThere(temporary)
    throw translateLocalFileError(error, path)
  }
}

interface ChunkRead {
  readonly chunk: Buffer
  readonly position: number
  readonly readFault: Translation
}

async function readChunk(source: FileHandle, { chunk, position, readFault }: ChunkRead): Promise<number> {
  try {
    return (await source.read(chunk, 0, chunk.length, position)).bytesRead
  } catch (error) {
    throw readFault(error)
  }
}
