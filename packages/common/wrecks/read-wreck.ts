import { messageOf } from '../errors/windrow-error.ts'
import { Hdf5Error } from '../hdf5/hdf5-error.ts'
import { NotOldFormat } from '../hdf5/old-format/cursor.ts'
import { openOldFormat } from '../hdf5/old-format/old-format-reader.ts'
import { openReader } from '../hdf5/reader.ts'
import { readStoredGroup } from '../hdf5/stored-group-reading.ts'
import { endsInNoise } from './noise-tail.ts'
import type { OpenedFile } from './open-file.ts'
import { noProgress, type Progress, rowsOf } from './rows-of-file.ts'
import type { FileCause, FileFault, WreckFile, WreckRow } from './wreck.ts'
import { type Frame, frameOf } from './wreck-frame.ts'
import type { WreckWishes } from './wreck-messages.ts'

/** What a file came to, beside its bytes; see WreckFile. */
export type WreckReading = Omit<WreckFile, 'bytes' | 'sha256'>

const noiseSampleBytes = 64 * 1024

/**
 * Reads a file of whatever origin and yields its rows, some at a time; the last value says what the file is. Of a file
 * that is damaged in part every row that can be read is yielded, and the others with their fault. A fault of the file as
 * a whole comes last and voids its rows. Throws Hdf5Error only when libhdf5 itself broke.
 */
export async function* readWreck(file: OpenedFile, wishes: WreckWishes): AsyncGenerator<WreckRow, WreckReading> {
  const frame = frameOf(file.readAt, file.size)
  const plain = readAsOldFormat(file, frame, wishes)
  if (plain === undefined) return yield* readByLibrary(file, frame, wishes)
  yield* plain.rows
  return readingOf(file, frame, plain)
}

interface Read {
  readonly state: Progress
  readonly fault: FileFault | undefined
}

async function* readByLibrary(
  file: OpenedFile,
  frame: Frame,
  wishes: WreckWishes,
): AsyncGenerator<WreckRow, WreckReading> {
  const state = noProgress()
  let fault = frame.fault
  if (fault === undefined) {
    try {
      const reader = await openReader(file.source)
      try {
        fault = yield* rowsOf(reader, {
          asked: wishes.style,
          groupOf: wishes.groups ? (place) => readStoredGroup(reader, place) : undefined,
          state,
        })
      } finally {
        reader.close()
      }
    } catch (error) {
      if (!(error instanceof Hdf5Error) || error.crashed) throw error
      state.damaged = true
      fault = { cause: causeOf(error), detail: `${messageOf(error)}.` }
    }
  }
  return readingOf(file, frame, { state, fault })
}

/** Files as h5py writes them, without libhdf5: undefined when the file is another, or has anything odd about it. */
function readAsOldFormat(
  { source }: OpenedFile,
  { superblockVersion, fault }: Frame,
  wishes: WreckWishes,
): (Read & { readonly rows: readonly WreckRow[] }) | undefined {
  if (superblockVersion !== 0 || fault !== undefined || source.kind !== 'memory') return undefined
  // All that a group holds is kept, of whatever type: that is libhdf5's.
  if (wishes.groups) return undefined
  const state = noProgress()
  const rows: WreckRow[] = []
  try {
    const reading = rowsOf(openOldFormat(source.bytes), { asked: wishes.style, state })
    let step = reading.next()
    for (; !step.done; step = reading.next()) rows.push(step.value)
    return { state, rows, fault: step.value }
  } catch (error) {
    if (error instanceof NotOldFormat) return undefined
    throw error
  }
}

function readingOf(file: OpenedFile, { superblockVersion }: Frame, { state, fault }: Read): WreckReading {
  const { damaged, ...read } = state
  return { ...read, superblockVersion, fault: damaged ? (noiseOf(file) ?? fault) : fault }
}

function noiseOf({ size, readAt }: OpenedFile): FileFault | undefined {
  const length = Math.min(noiseSampleBytes, Math.floor(size / 4))
  if (!endsInNoise(readAt(size - length, length))) return undefined
  return { cause: 'tail_overwritten', detail: `Its last ${length} bytes are noise, and not all of it can be read.` }
}

function causeOf({ errorStack }: Hdf5Error): FileCause {
  if (/already open for write|file consistency flags/.test(errorStack)) return 'never_closed'
  return /truncated file/.test(errorStack) ? 'truncated' : 'unreadable'
}
