import { messageOf } from '../errors/windrow-error.ts'
import { elementCount } from '../hdf5/element-types.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import { contentSha256 } from '../results/content-digest.ts'
import type { DatasetContents, ResultContents } from '../results/contents.ts'
import type { IndexTable } from './index-table.ts'
import { RaggedReader } from './ragged-reader.ts'
import { decodeStackedRow, type StackedRow } from './stacked-row.ts'
import type { Findings, RowCheck, RowChecks, RowOutcome } from './verification.ts'
import { verifyColumns } from './verify-stacked-columns.ts'
import { stackedPaths } from './write-stacked.ts'

const slabBytes = 4 * 2 ** 20
const mostSlabRows = 1024

/** Verifies the rows of a stacked file: one outcome for each merged configuration, and its columns against the index. */
export function verifyStackedRows(
  reader: Hdf5Reader,
  { merged, index }: { readonly merged: RowChecks; readonly index: IndexTable | undefined },
  findings: Findings,
): RowOutcome[] {
  const widest = verifyColumns(reader, { rows: merged.length, index }, findings)
  if (widest === undefined) return Array<RowOutcome>(merged.length).fill(unreadableColumns)
  const outcomes: RowOutcome[] = []
  const ragged = new RaggedReader(reader)
  const slabRows = Math.max(1, Math.min(mostSlabRows, Math.floor(slabBytes / (16 * Math.max(1, widest)))))
  for (let from = 0; from < merged.length; from += slabRows) {
    const checks = Array.from({ length: Math.min(slabRows, merged.length - from) }, (_, at) => merged.at(from + at))
    outcomes.push(...verifySlab(reader, { checks, from, ragged }))
  }
  return outcomes
}

const unreadableColumns: RowOutcome = { verdict: 'unreadable', detail: 'the columns cannot be read' }
const verified: RowOutcome = { verdict: 'verified' }

interface Slab {
  readonly checks: readonly RowCheck[]
  readonly from: number
  readonly ragged: RaggedReader
}

/** A slab in which something cannot be read is read again row by row: damage is told of the rows it lies in. */
function verifySlab(reader: Hdf5Reader, { checks, from, ragged }: Slab): RowOutcome[] {
  try {
    const slab = readSlab(reader, from, checks.length)
    return checks.map((check, at) => verifyRow(check, { slab, at, ragged }))
  } catch (error) {
    if (checks.length === 1) return [{ verdict: 'unreadable', detail: messageOf(error) }]
    return checks.flatMap((check, at) => verifySlab(reader, { checks: [check], from: from + at, ragged }))
  }
}

interface SlabColumns {
  readonly texts: readonly string[]
  readonly layouts: DatasetContents
  readonly nTurbines: DatasetContents
  readonly aep: DatasetContents
}

function readSlab(reader: Hdf5Reader, from: number, count: number): SlabColumns {
  const texts = reader.readCompound(stackedPaths.rows, { from, count }).get('contents')
  if (!Array.isArray(texts)) throw new TypeError(`${stackedPaths.rows} has no text column`)
  const column = (path: string) => reader.readRows(path, from, count)
  const [layouts, nTurbines, aep] = [stackedPaths.layout, stackedPaths.nTurbines, stackedPaths.aep].map(column)
  return { texts, layouts: layouts!, nTurbines: nTurbines!, aep: aep! }
}

interface RowPlace {
  readonly slab: SlabColumns
  readonly at: number
  readonly ragged: RaggedReader
}

function verifyRow({ row, indexed }: RowCheck, place: RowPlace): RowOutcome {
  const { slab, at } = place
  try {
    const stored = decodeStackedRow(slab.texts[at]!)
    const contents = rebuild(stored, place)
    const digest = contentSha256({ ...contents, configurationDigest: '' })
    if (stored.key !== row.key) return { verdict: 'absent', detail: `its place is taken by ${stored.key}` }
    if (digest !== row.contentSha256) {
      return { verdict: 'digest-mismatch', detail: `its content digest is ${digest}, not ${row.contentSha256}` }
    }
    const agrees = indexed?.nTurbines === Number(slab.nTurbines.data[at]) && indexed?.aepGwh === slab.aep.data[at]
    if (indexed && !agrees) return { verdict: 'index-mismatch', detail: 'n_turbines or aep differ from the index' }
    return verified
  } catch (error) {
    return { verdict: 'unreadable', detail: messageOf(error) }
  }
}

/** The contents as the result held them: layout back to (2, N), aep a scalar, other datasets from their ragged columns. */
function rebuild(stored: StackedRow, { slab, at, ragged }: RowPlace): Omit<ResultContents, 'configurationDigest'> {
  const others = stored.datasets.map(({ name, elementType, shape, path, start }) => {
    const { data, elementType: found } = ragged.read(path, start, elementCount(shape))
    if (found !== elementType) throw new TypeError(`${path} is ${found}, not ${elementType}`)
    return [name, { elementType, shape, data }] as const
  })
  const turbines = Number(slab.nTurbines.data[at])
  const aep: DatasetContents = { elementType: '<f8', shape: [], data: Float64Array.of(Number(slab.aep.data[at])) }
  const layout: DatasetContents = {
    elementType: '<f8',
    shape: [2, turbines],
    data: layoutOf(slab.layouts, at, turbines),
  }
  return { key: stored.key, attributes: stored.attributes, datasets: { ...Object.fromEntries(others), aep, layout } }
}

function layoutOf({ shape, data }: DatasetContents, at: number, turbines: number): Float64Array {
  const widest = shape[1] ?? 0
  if (turbines > widest) throw new RangeError(`${turbines} turbines in a layout column of ${widest}`)
  const layout = new Float64Array(2 * turbines)
  for (let turbine = 0; turbine < widest; turbine++) {
    const x = Number(data[(at * widest + turbine) * 2])
    const y = Number(data[(at * widest + turbine) * 2 + 1])
    if (turbine >= turbines && !(Number.isNaN(x) && Number.isNaN(y)))
      throw new RangeError('its layout is not padded with NaN')
    if (turbine >= turbines) continue
    layout[turbine] = x
    layout[turbines + turbine] = y
  }
  return layout
}
