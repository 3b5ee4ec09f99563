import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { WindrowError } from '../errors/windrow-error.ts'
import { translateLocalFileError } from './file-errors.ts'

/** What is stored by one request: a body of known length and digest, made afresh for every repetition. */
export interface Upload {
  readonly length: number
  readonly md5: Buffer
  /** Runs `send` with the body; `signal` aborts when the local source fails, whose error is then thrown instead. */
  withBody<Answer>(send: (body: Uint8Array | Readable, signal?: AbortSignal) => Promise<Answer>): Promise<Answer>
}

/** The most that one PUT stores on Amazon's servers and most others. */
const largestPutBytes = 5 * 1024 ** 3

export function uploadOfBytes(bytes: Uint8Array): Upload {
  return { length: bytes.length, md5: createHash('md5').update(bytes).digest(), withBody: (send) => send(bytes) }
}

/**
 * Opens a local file for an upload, which reads it twice: for its digest, and to send it. Throws FILE_UNREADABLE, and
 * STORE_OBJECT_TOO_LARGE above 5 GiB, which is more than one request stores.
 */
export async function withFileUpload<Answer>(path: string, use: (upload: Upload) => Promise<Answer>): Promise<Answer> {
  const file = await locally(path, () => open(path, 'r'))
  try {
    const { size } = await locally(path, () => file.stat())
    if (size > largestPutBytes) throw tooLarge(path, size)
    const md5 = await locally(path, () => digestOf(file, size))
    return await use({ length: size, md5, withBody: (send) => sendFile({ file, path, size }, send) })
  } finally {
    await file.close()
  }
}

async function sendFile<Answer>(
  { file, path, size }: { file: FileHandle; path: string; size: number },
  send: (body: Uint8Array | Readable, signal?: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  if (size === 0) return await send(new Uint8Array())
  const failed = new AbortController()
  const body = Readable.from(chunksOf(file, size), { objectMode: false })
  body.on('error', (error) => failed.abort(error))
  try {
    return await send(body, failed.signal)
  } catch (error) {
    throw failed.signal.aborted ? translateLocalFileError(failed.signal.reason, path) : error
  } finally {
    body.destroy()
  }
}

async function digestOf(file: FileHandle, size: number): Promise<Buffer> {
  const hash = createHash('md5')
  for await (const chunk of chunksOf(file, size)) hash.update(chunk)
  return hash.digest()
}

const chunkBytes = 1 << 20

/** The first `size` bytes of a file; Node's own stream of a file handle closes it, and a repetition needs it again. */
async function* chunksOf(file: FileHandle, size: number): AsyncIterable<Uint8Array> {
  for (let position = 0; position < size; ) {
    const wanted = Math.min(chunkBytes, size - position)
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, position)
    if (bytesRead === 0) throw new Error(`it became shorter, from ${size} to ${position} bytes`)
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

async function locally<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw translateLocalFileError(error, path)
  }
}

function tooLarge(path: string, size: number): WindrowError {
  return new WindrowError('STORE_OBJECT_TOO_LARGE', {
    message: `${path} has ${size} bytes; a store on S3 takes files of up to ${largestPutBytes} bytes (5 GiB).`,
    context: { path, size, limit: largestPutBytes },
  })
}
