import { readBytes } from '../files/whole-transfers.ts'
import type { ReaderSource } from '../hdf5/reader.ts'
import { readStrictly } from '../hdf5/strict-reader/read-strictly.ts'
import { defaultResultLimits } from '../results/result-schema.ts'
import { createDisposableThreads, type ThreadOutcome } from '../threads/disposable-threads.ts'

/** What a file is by its root attributes; 'damaged' when not even those can be read. */
export type FileKind = 'result' | 'merged' | 'other' | 'damaged'

/** How long it may take when the file is in memory, and when the disk has a part in it. */
const timeoutMs = { memory: 2000, descriptor: 30_000 }

/** Shared by all of this process; the thread starts when the first file is to be recognised by libhdf5. */
const threads = createDisposableThreads<ReaderSource, FileKind>({
  module: new URL('./recognition-thread.ts', import.meta.url),
  ...{ name: 'recognition', size: 1 },
})

/**
 * Finds out what an open file of unknown origin is: at once when it is a result exactly as Windrow writes them, otherwise by
 * libhdf5, in a thread that is thrown away when it hangs on the file or crashes; the outcome then says so.
 */
export async function recognise(fd: number, size: number): Promise<ThreadOutcome<FileKind>> {
  const source = sourceOf(fd, size)
  if (source.kind === 'memory' && readStrictly(source.bytes).kind === 'ours')
    return { kind: 'answer', answer: 'result' }
  return threads.ask(source, { silenceMs: timeoutMs[source.kind] })
}

function sourceOf(fd: number, size: number): ReaderSource {
  if (size > defaultResultLimits.largestFileBytes) return { kind: 'descriptor', fd, size }
  return { kind: 'memory', bytes: readBytes(fd, 0, size) }
}
