import { messageOf } from '../errors/windrow-error.ts'
import { Hdf5Error } from '../hdf5/hdf5-error.ts'
import { type Hdf5Reader, openReader } from '../hdf5/reader.ts'
import { detectStyles, keyedNames, skippedName } from './detect-style.ts'
import { endsInNoise } from './noise-tail.ts'
import type { OpenedFile } from './open-file.ts'
import { columnarRows, readTable } from './styles/columnar.ts'
import { keyedRows } from './styles/keyed.ts'
import { nestedRows } from './styles/nested.ts'
import { readAttributes } from './styles/tolerant-reads.ts'
import type { FileCause, FileFault, WreckFile, WreckRow, WreckStyle } from './wreck.ts'
import { frameOf } from './wreck-frame.ts'
import type { WreckWishes } from './wreck-messages.ts'

/** What a file came to, beside its bytes; see WreckFile. */
export type WreckReading = Omit<WreckFile, 'bytes' | 'sha256'>

const noiseSampleBytes = 64 * 1024
/** Farther from the origin stands no turbine, in metres of any map. */
const farthestM = 1e9

/**
 * Reads a file of whatever origin and yields its rows, some at a time; the last value says what the file is. Of a file
 * that is damaged in part every row that can be read is yielded, and the others with their fault. A fault of the file as
 * a whole comes last and voids its rows. Throws Hdf5Error only when libhdf5 itself broke.
 */
export async function* readWreck(file: OpenedFile, wishes: WreckWishes): AsyncGenerator<WreckRow, WreckReading> {
  const frame = frameOf(file.readAt, file.size)
  const state: Progress = { style: undefined, rootAttributes: {}, rows: 0, damaged: false }
  let fault = frame.fault
  if (fault === undefined) {
    try {
      const reader = await openReader(file.source)
      try {
        fault = yield* rowsOf(reader, { wishes, state })
      } finally {
        reader.close()
      }
    } catch (error) {
      if (!(error instanceof Hdf5Error) || error.crashed) throw error
      state.damaged = true
      fault = { cause: causeOf(error), detail: `${messageOf(error)}.` }
    }
  }
  const { damaged, ...read } = state
  return { ...read, superblockVersion: frame.superblockVersion, fault: damaged ? (noiseOf(file) ?? fault) : fault }
}

interface Progress {
  style: WreckStyle | undefined
  rootAttributes: WreckFile['rootAttributes']
  rows: number
  /** Something in it could not be read, or cannot be what it claims to be. */
  damaged: boolean
}

function* rowsOf(
  reader: Hdf5Reader,
  { wishes, state }: { wishes: WreckWishes; state: Progress },
): Generator<WreckRow, FileFault | undefined> {
  const { style: asked, groups } = wishes
  const rootNames = reader.memberNames('/')
  state.rootAttributes = readAttributes(reader, '/').attributes
  const found = detectStyles(reader, rootNames)
  const style = asked === undefined ? found[0] : found.find((one) => one === asked)
  if (asked === undefined && found.length > 1) {
    return { cause: 'several_styles', detail: `It has configurations that are ${found.join(' and ')}.` }
  }
  if (style === undefined) return stylelessFault(rootNames, found)
  state.style = style
  const table = style === 'columnar' ? readTable(reader, rootNames) : undefined
  if (table !== undefined && 'cause' in table) return table
  const rows =
    table !== undefined
      ? columnarRows(reader, table)
      : style === 'nested'
        ? nestedRows(reader)
        : keyedRows(reader, keyedNames(reader, rootNames), { groups })
  for (const row of rows) {
    state.rows++
    state.damaged ||= row.fault?.cause === 'unreadable' || isAbsurd(row)
    yield row
  }
  return undefined
}

function stylelessFault(rootNames: readonly string[], found: readonly WreckStyle[]): FileFault | undefined {
  if (found.length > 0) return { cause: 'other_style', detail: `Its configurations are ${found.join(' and ')}.` }
  const foreign = rootNames.filter((name) => name !== skippedName)
  if (foreign.length === 0) return undefined
  return { cause: 'foreign', detail: `It holds ${foreign.slice(0, 5).join(', ')}, and no configuration.` }
}

/** Coordinates that are nowhere on Earth, as random bytes make them. */
function isAbsurd({ layout }: WreckRow): boolean {
  return layout.some((value) => Math.abs(value) > farthestM)
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
