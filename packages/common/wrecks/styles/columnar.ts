import { Hdf5Error } from '../../hdf5/hdf5-error.ts'
import type { DatasetInfo, PlainReader } from '../../hdf5/reader.ts'
import type { FileFault, RowFault, WreckRow } from '../wreck.ts'
import { largestRowBytes, numbersOf } from './tolerant-reads.ts'

/** The columns of a `columnar` file that name its rows, and what a row's fields are called. */
export const indexColumns = { farm_id: 'farm_idx', farm_type: 'type_idx', seed: 'ss_seed' } as const
const requiredColumns = [...Object.keys(indexColumns), 'layout', 'aep']
const optionalColumns = ['n_turbines']
const slabBytes = 2 ** 20
const mostSlabRows = 512

interface Table {
  readonly names: readonly string[]
  readonly rows: number
  readonly turbines: number
}

/** The fault of the columns as a whole, or the table they make. */
export function readTable(reader: PlainReader, rootNames: readonly string[]): Table | FileFault {
  const absent = requiredColumns.filter((name) => !rootNames.includes(name) || reader.kindOf(`/${name}`) !== 'dataset')
  if (absent.length > 0) return { cause: 'missing_column', detail: `It has no column ${absent.join(', ')}.` }
  const names = [...requiredColumns, ...optionalColumns.filter((name) => rootNames.includes(name))]
  const infos = names.map((name) => [name, reader.datasetInfo(`/${name}`)] as const)
  const odd = infos.find(([name, info]) => !fits(name, info))
  if (odd !== undefined) {
    return { cause: 'wrong_type', detail: `${odd[0]} has the shape (${odd[1].shape.join(', ')}), or holds no numbers.` }
  }
  const lengths = infos.map(([name, { shape }]) => `${name} ${shape[0]}`)
  const [, turbines = 0] = infos.find(([name]) => name === 'layout')?.[1].shape ?? []
  if (new Set(infos.map(([, { shape }]) => shape[0])).size > 1) {
    return { cause: 'inconsistent_lengths', detail: `Its columns have different lengths: ${lengths.join(', ')}.` }
  }
  if (16 * turbines > largestRowBytes) return { cause: 'wrong_type', detail: `layout has ${turbines} turbines a row.` }
  return { names, rows: infos[0]![1].shape[0]!, turbines }
}

/** The rows of a table, read some at a time; one whose layout cannot be read has that as its fault. */
export function* columnarRows(reader: PlainReader, { names, rows, turbines }: Table): Generator<WreckRow> {
  const slab = Math.max(1, Math.min(mostSlabRows, Math.floor(slabBytes / (16 * turbines))))
  for (let from = 0; from < rows; from += slab) {
    const count = Math.min(slab, rows - from)
    const columns = Object.fromEntries(
      names.filter((name) => name !== 'layout').map((name) => [name, readNumbers(reader, name, { from, count })]),
    )
    const layouts = readLayouts(reader, { from, count })
    for (let row = 0; row < count; row++) {
      yield rowOf(from + row, { cell: (name) => columns[name]?.[row], layout: layouts[row]! })
    }
  }
}

function readNumbers(
  reader: PlainReader,
  name: string,
  { from, count }: { from: number; count: number },
): Float64Array {
  return numbersOf(reader.readRows(`/${name}`, from, count))
}

/** The layouts of some rows at once; where that fails, one by one: a broken chunk need not cost its neighbours. */
function readLayouts(
  reader: PlainReader,
  { from, count }: { from: number; count: number },
): readonly (Float64Array | RowFault)[] {
  try {
    const all = readNumbers(reader, 'layout', { from, count })
    const length = all.length / count
    return Array.from({ length: count }, (_, row) => all.subarray(row * length, (row + 1) * length))
  } catch (error) {
    if (!(error instanceof Hdf5Error) || error.crashed) throw error
    if (count === 1) return [{ cause: 'unreadable', detail: `${error.message}.` }]
    return Array.from({ length: count }, (_, row) => readLayouts(reader, { from: from + row, count: 1 })[0]!)
  }
}

function rowOf(
  index: number,
  { cell, layout }: { cell: (name: string) => number | undefined; layout: Float64Array | RowFault },
): WreckRow {
  const fields = Object.fromEntries(Object.entries(indexColumns).map(([column, field]) => [field, cell(column)!]))
  const read = layout instanceof Float64Array
  return {
    ...{ place: `row ${index}`, key: `farm${fields.farm_idx}_t${fields.type_idx}_s${fields.ss_seed}`, fields },
    ...{ attributes: {}, others: [], aep: cell('aep'), claimedTurbines: cell('n_turbines') },
    layout: read ? withoutPadding(layout) : new Float64Array(),
    fault: indexFault(fields) ?? (read ? undefined : layout),
  }
}

function indexFault(fields: Readonly<Record<string, number>>): RowFault | undefined {
  const wrong = Object.entries(fields).find(([, value]) => !Number.isSafeInteger(value) || value < 0)
  return wrong && { cause: 'wrong_type', detail: `${wrong[0]} is ${wrong[1]}, no whole number from 0.` }
}

/** (N, 2) padded with NaN at its end as (2, N): x of every turbine, then y. A row of NaN alone keeps its first turbine. */
function withoutPadding(padded: Float64Array): Float64Array {
  let count = padded.length / 2
  while (count > 1 && Number.isNaN(padded[2 * count - 2]) && Number.isNaN(padded[2 * count - 1])) count--
  return Float64Array.from({ length: 2 * count }, (_, at) => padded[at < count ? 2 * at : 2 * (at - count) + 1]!)
}

function fits(name: string, { type, shape }: DatasetInfo): boolean {
  if (type.kind !== 'numeric') return false
  return name === 'layout' ? shape.length === 3 && shape[2] === 2 && shape[1]! > 0 : shape.length === 1
}
