import type { PlainReader } from '../hdf5/reader.ts'
import type { ReadGroup } from '../hdf5/stored-group-reading.ts'
import { detectStyles, keyedNames, skippedName } from './detect-style.ts'
import { columnarRows, readTable } from './styles/columnar.ts'
import { keyedRows } from './styles/keyed.ts'
import { nestedRows } from './styles/nested.ts'
import { readAttributes } from './styles/tolerant-reads.ts'
import type { FileFault, WreckFile, WreckRow, WreckStyle } from './wreck.ts'

/** Farther from the origin stands no turbine, in metres of any map. */
const farthestM = 1e9

/** What is known of a file while its rows are read. */
export interface Progress {
  style: WreckStyle | undefined
  rootAttributes: WreckFile['rootAttributes']
  rows: number
  /** Something in it could not be read, or cannot be what it claims to be. */
  damaged: boolean
}

interface Reading {
  readonly asked: WreckStyle | undefined
  /** Reads all of a group, where that is wanted. */
  readonly groupOf?: ((place: string) => ReadGroup) | undefined
  readonly state: Progress
}

/** The rows of an open file, one after the other, and what is wrong with it as a whole. What is learnt goes into `state`. */
export function* rowsOf(
  reader: PlainReader,
  { asked, groupOf, state }: Reading,
): Generator<WreckRow, FileFault | undefined> {
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
        : keyedRows(reader, keyedNames(reader, rootNames), groupOf)
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

/** Nothing is known yet. */
export function noProgress(): Progress {
  return { style: undefined, rootAttributes: {}, rows: 0, damaged: false }
}

/** Coordinates that are nowhere on Earth, as random bytes make them. */
function isAbsurd({ layout }: WreckRow): boolean {
  return layout.some((value) => Math.abs(value) > farthestM)
}
