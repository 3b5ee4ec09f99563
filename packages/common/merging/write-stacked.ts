import type { Hdf5Writer } from '../hdf5/writer.ts'
import type { ElementType, NumericArray, ResultContents } from '../results/contents.ts'
import { type Account, positionsIn } from './account.ts'
import type { FactsTable } from './facts-table.ts'
import { type FieldColumn, fieldColumns } from './field-columns.ts'
import { type MergedFacts, type MergedFile, type MergedFileEnd, paths, reservedColumns } from './merged-file.ts'
import { RaggedColumns } from './ragged-columns.ts'
import type { RowSpool } from './row-spool.ts'
import { encodeStackedRow, type StackedRow } from './stacked-row.ts'
import { writeInit } from './write-index.ts'

export const stackedPaths = {
  configuration: '/configuration',
  turbine: '/turbine',
  coordinate: '/coordinate',
  layout: '/layout',
  nTurbines: '/n_turbines',
  aep: '/aep',
  /** A row for each merged configuration: what the columns do not hold, as JSON. */
  rows: '/init/rows',
} as const

/** The names the original stacked files used, and the fields they are taken from when no field has that name itself. */
export const stackedAliases = {
  farm_id: ['farm_idx', 'farm'],
  farm_type: ['type_idx', 'type'],
  seed: ['ss_seed'],
} as const
const mostColumnChunk = 8192
const mostRowsChunk = 256
const layoutChunkBytes = 65_536

/**
 * The stacked file: a row for each merged configuration by key, in columns with the dimensions configuration, turbine
 * and coordinate. `layout` is [configuration, turbine, coordinate] in metres, NaN where a layout has fewer turbines
 * than the widest; `configuration` is the row of `/init/index`. Layouts wait in the spool until the widest is known.
 */
export function stackedFile(writer: Hdf5Writer, spool: RowSpool): MergedFile {
  const ragged = new RaggedColumns(writer)
  writer.createGroup(paths.init)
  let widest = 0
  let longest = 1
  return {
    add(configuration) {
      const { row, layout } = takeApart(configuration.contents(), ragged)
      const text = encodeStackedRow(row)
      widest = Math.max(widest, layout.length / 2)
      longest = Math.max(longest, text.length)
      spool.append(pack(text, layout))
    },
    async finish(end) {
      const merged = end.account.counts.merged
      const written = writeInit(writer, end)
      writer.writeCompound(stackedPaths.rows, [{ name: 'contents', type: { text: longest } }], rowTexts(spool), {
        chunkRows: Math.min(merged, mostRowsChunk),
      })
      ragged.finish()
      writeColumns(writer, end, widest)
      writeLayouts(writer, spool, { rows: merged, widest })
      writer.close()
      return written
    },
    discard() {
      writer.discard()
      spool.close()
    },
  }
}

/** A configuration as its layout, and the row of everything that has no column; other datasets go to ragged columns. */
function takeApart(contents: ResultContents, ragged: RaggedColumns): { row: StackedRow; layout: Float64Array } {
  const { layout, aep: _, ...others } = contents.datasets
  if (!(layout?.data instanceof Float64Array)) throw new TypeError(`${contents.key} has no float64 layout`)
  const datasets = Object.entries(others)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, dataset]) => ({
      name,
      elementType: dataset.elementType,
      shape: dataset.shape,
      ...ragged.append(name, dataset),
    }))
  const { key, attributes } = contents
  return { row: { key, attributes, datasets }, layout: layout.data }
}

function writeColumns(writer: Hdf5Writer, { account, facts }: MergedFileEnd, widest: number): void {
  const scale = (path: string, values: Iterable<number>, count: number) => {
    writeColumn(writer, path, '<i8', int64s(values, count))
    writer.makeScale(path, path.slice(1))
  }
  const { merged } = account.counts
  scale(stackedPaths.configuration, positionsIn(account, 'merged'), merged)
  scale(stackedPaths.turbine, Array(widest).keys(), widest)
  scale(stackedPaths.coordinate, [0, 1], 2)
  const known = (value: (facts: MergedFacts) => number) => factsIn(account, facts, value)
  writeColumn(
    writer,
    stackedPaths.nTurbines,
    '<i8',
    int64s(
      known(({ nTurbines }) => nTurbines),
      merged,
    ),
  )
  writeColumn(
    writer,
    stackedPaths.aep,
    '<f8',
    float64s(
      known(({ aepGwh }) => aepGwh),
      merged,
    ),
  )
  writer.writeAttribute(stackedPaths.aep, 'units', 'GWh')
  const columns = numericColumns(account)
  for (const column of columns) writeFieldColumn(writer, column, account)
  for (const path of [stackedPaths.nTurbines, stackedPaths.aep, ...columns.map(({ name }) => `/${name}`)]) {
    writer.attachScale(path, stackedPaths.configuration, 0)
  }
}

function* factsIn(account: Account, facts: FactsTable, pick: (facts: MergedFacts) => number): Generator<number> {
  for (const position of positionsIn(account, 'merged')) yield pick(facts.at(position)!)
}

/** Columns of the numeric fields, and the original names beside them; text stands in `/init/index` alone. */
function numericColumns({ rows }: Account): FieldColumn[] {
  const columns = fieldColumns(rows, reservedColumns).filter(({ type }) => typeof type === 'string')
  const extra = Object.entries(stackedAliases).flatMap(([name, fields]) => {
    if (columns.some((column) => column.name === name)) return []
    const source = fields.map((field) => columns.find((column) => column.name === field)).find(Boolean)
    return source ? [{ ...source, name }] : []
  })
  return [...extra, ...columns]
}

function writeFieldColumn(writer: Hdf5Writer, column: FieldColumn, account: Account): void {
  const path = `/${column.name}`
  const { merged } = account.counts
  if (column.type === '<i8') writeColumn(writer, path, '<i8', int64s(valuesOf(column, account), merged))
  else writeColumn(writer, path, '<f8', float64s(valuesOf(column, account), merged))
}

function* valuesOf(column: FieldColumn, account: Account): Generator<string | number | bigint> {
  for (const position of positionsIn(account, 'merged')) yield column.valueOf(account.at(position).fields)
}

function writeColumn(writer: Hdf5Writer, path: string, elementType: ElementType, data: NumericArray): void {
  const storage = { chunks: [Math.min(data.length, mostColumnChunk)], fletcher32: true, maxShape: [null] }
  writer.writeDataset(path, { elementType, shape: [data.length], data, ...storage })
}

function writeLayouts(
  writer: Hdf5Writer,
  spool: RowSpool,
  { rows: total, widest }: { rows: number; widest: number },
): void {
  const perRow = widest * 2
  const batch = Math.max(1, Math.min(total, Math.floor(layoutChunkBytes / (perRow * 8))))
  writer.writeDataset(stackedPaths.layout, {
    ...{ elementType: '<f8', shape: [0, widest, 2], data: new Float64Array(0) },
    ...{ chunks: [batch, widest, 2], fletcher32: true, maxShape: [null, widest, 2] },
  })
  let slab = new Float64Array(batch * perRow).fill(Number.NaN)
  let rows = 0
  const flush = () => {
    writer.appendRows(stackedPaths.layout, slab.subarray(0, rows * perRow))
    slab = slab.fill(Number.NaN)
    rows = 0
  }
  for (const record of spool.records()) {
    const layout = unpack(record).layout
    const turbines = layout.length / 2
    for (let turbine = 0; turbine < turbines; turbine++) {
      const at = rows * perRow + turbine * 2
      slab[at] = layout[turbine]!
      slab[at + 1] = layout[turbines + turbine]!
    }
    if (++rows === batch) flush()
  }
  flush()
  writer.writeAttribute(stackedPaths.layout, 'units', 'm')
  const scales = [stackedPaths.configuration, stackedPaths.turbine, stackedPaths.coordinate]
  for (const [dimension, scale] of scales.entries()) writer.attachScale(stackedPaths.layout, scale, dimension)
}

function* rowTexts(spool: RowSpool): Generator<[string]> {
  for (const record of spool.records()) yield [unpack(record).text]
}

function pack(text: string, layout: Float64Array): Uint8Array {
  const bytes = new Uint8Array(4 + text.length + layout.byteLength)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(Buffer.from(text, 'ascii'), 4)
  bytes.set(new Uint8Array(layout.buffer, layout.byteOffset, layout.byteLength), 4 + text.length)
  return bytes
}

function unpack(record: Uint8Array): { text: string; layout: Float64Array } {
  const length = new DataView(record.buffer, record.byteOffset).getUint32(0, true)
  const text = Buffer.from(record.subarray(4, 4 + length)).toString('ascii')
  return { text, layout: new Float64Array(record.slice(4 + length).buffer) }
}

function int64s(values: Iterable<string | number | bigint>, count: number): BigInt64Array {
  const column = new BigInt64Array(count)
  let at = 0
  for (const value of values) column[at++] = BigInt(value)
  return column
}

function float64s(values: Iterable<string | number | bigint>, count: number): Float64Array {
  const column = new Float64Array(count)
  let at = 0
  for (const value of values) column[at++] = Number(value)
  return column
}
