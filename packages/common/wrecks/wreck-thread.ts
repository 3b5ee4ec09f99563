import { parentPort } from 'node:worker_threads'
import { messageOf } from '../errors/windrow-error.ts'
import { Hdf5Error } from '../hdf5/hdf5-error.ts'
import { heldBytes, loadHdf5 } from '../hdf5/library.ts'
import { type OpenedFile, openFile } from './open-file.ts'
import { readWreck } from './read-wreck.ts'
import type { FileCause, WreckFile, WreckRow } from './wreck.ts'
import type { FileReply, WreckReply, WreckRequest, WreckWishes } from './wreck-messages.ts'

/** Reads one file after the other; wreck-reader.ts ends it when one takes too long or breaks it. */
const port = parentPort
if (port === null) throw new Error('wreck-thread.ts runs as a worker thread only')
const rowsAtOnce = 256
/** Of groups: fewer rows are handed on at once where they are large. */
const bytesAtOnce = 4 * 2 ** 20
/** Memory of libhdf5 never shrinks: beyond this the thread is replaced. */
const largestHeapBytes = 256 * 2 ** 20
const mostReads = 3

let goOn: (() => void) | undefined
await loadHdf5()
port.on('message', (request: WreckRequest) => {
  if (request.kind === 'more') goOn?.()
  else void answer(request.path, request.wishes).then((reply) => port.postMessage({ ...reply, cpuMs: cpuMs() }))
})
port.postMessage({ kind: 'ready', cpuMs: cpuMs() } satisfies WreckReply)

/** A file that is written to meanwhile is read again, as long as none of its rows have been handed on. */
async function answer(path: string, wishes: WreckWishes): Promise<FileReply> {
  for (let read = 1; ; read++) {
    const reply = await readOnce(path, wishes)
    const again = reply.file.fault?.cause === 'changing' && reply.file.rows === reply.rows.length
    if (!again || read === mostReads) return reply
  }
}

async function readOnce(path: string, wishes: WreckWishes): Promise<FileReply> {
  let file: OpenedFile
  try {
    file = openFile(path)
  } catch (error) {
    return { kind: 'file', rows: [], file: unread('cannot_open', error), worn: false }
  }
  try {
    return await readThrough(file, wishes)
  } catch (error) {
    const crashed = error instanceof Hdf5Error && error.crashed
    const verdict = unread(crashed ? 'reader_crashed' : 'cannot_open', error)
    return { kind: 'file', rows: [], file: { ...verdict, bytes: file.size }, worn: crashed }
  } finally {
    file.close()
  }
}

async function readThrough(file: OpenedFile, wishes: WreckWishes): Promise<FileReply> {
  const reading = readWreck(file, wishes)
  let rows: WreckRow[] = []
  let bytes = 0
  let step = await reading.next()
  for (; !step.done; step = await reading.next()) {
    rows.push(step.value)
    bytes += step.value.group?.bytes ?? 0
    if (rows.length < rowsAtOnce && bytes < bytesAtOnce) continue
    await handOn(rows)
    rows = []
    bytes = 0
  }
  const sha256 = file.sha256()
  const fault = file.changed() ? changing : step.value.fault
  return {
    kind: 'file',
    rows,
    file: { ...step.value, bytes: file.size, sha256, fault },
    worn: heldBytes() > largestHeapBytes,
  }
}

const changing = { cause: 'changing', detail: 'It was written to while it was read.' } as const

function handOn(rows: readonly WreckRow[]): Promise<void> {
  return new Promise((resolve) => {
    goOn = resolve
    port?.postMessage({ kind: 'rows', rows, cpuMs: cpuMs() } satisfies WreckReply)
  })
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function unread(cause: FileCause, error: unknown): WreckFile {
  return {
    ...{ bytes: 0, sha256: '', superblockVersion: undefined, style: undefined, rootAttributes: {}, rows: 0 },
    fault: { cause, detail: `${messageOf(error)}.` },
  }
}
