import { messageOf } from '../errors/windrow-error.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import type { NumericArray } from '../results/contents.ts'
import type { IndexTable } from './index-table.ts'
import type { Findings } from './verification.ts'
import { stackedAliases, stackedPaths } from './write-stacked.ts'

const slabRows = 65_536
const fixedColumns = ['configuration', 'turbine', 'coordinate', 'layout', 'n_turbines', 'aep']
const initMembers = ['index', 'certificate', 'seal', 'rows', 'more']

/** The values that a column should have. */
interface Column {
  readonly length: number
  at(row: number): number | bigint | undefined
}

/**
 * Checks that a stacked file has the columns it should, with the values of the index, named dimensions and nothing else;
 * and gives the number of turbines its layout column has room for, or undefined when its shape is not that of one.
 */
export function verifyColumns(
  reader: Hdf5Reader,
  { rows, index }: { readonly rows: number; readonly index: IndexTable | undefined },
  findings: Findings,
): number | undefined {
  const widest = layoutWidth(reader, rows, findings)
  if (widest === undefined) return undefined
  try {
    const expected = new Map<string, Column>([
      ['turbine', Array.from({ length: widest }, (_, turbine) => BigInt(turbine))],
      ['coordinate', [0n, 1n]],
      ...(index ? indexedColumns(index) : []),
    ])
    for (const [name, values] of expected) checkColumn(reader, name, values)
    checkMembers(reader, index && expected, findings)
    checkScales(reader, [...expected.keys()])
  } catch (error) {
    findings.fault('columns-damaged', `The columns of the file are not those it was written with: ${messageOf(error)}`)
  }
  return widest
}

function layoutWidth(reader: Hdf5Reader, rows: number, findings: Findings): number | undefined {
  try {
    const { shape } = reader.datasetInfo(stackedPaths.layout)
    const [count, widest, coordinates] = shape
    if (shape.length === 3 && count === rows && coordinates === 2) return widest
    throw new RangeError(`layout has the shape (${shape.join(', ')}) for ${rows} merged configurations`)
  } catch (error) {
    findings.fault('columns-damaged', `The column layout cannot be read: ${messageOf(error)}`)
    return undefined
  }
}

/** The columns that repeat what stands in the index: the numeric fields of the merged rows, and their original names. */
function indexedColumns(index: IndexTable): Map<string, Column> {
  const merged: number[] = []
  for (let position = 0; position < index.length; position++) {
    if (index.stateAt(position) === 'merged') merged.push(position)
  }
  const { length } = merged
  const columns = new Map<string, Column>([['configuration', { length, at: (row) => BigInt(merged[row]!) }]])
  const column = (values: NumericArray): Column => ({ length, at: (row) => values[merged[row]!] })
  for (const [name, values] of index.numbers) columns.set(name, column(values))
  for (const [alias, fields] of Object.entries(stackedAliases)) {
    const source = fields.map((field) => index.numbers.get(field)).find(Boolean)
    if (source !== undefined && !index.numbers.has(alias)) columns.set(alias, column(source))
  }
  return columns
}

function checkColumn(reader: Hdf5Reader, name: string, expected: Column): void {
  const { shape } = reader.datasetInfo(`/${name}`)
  if (shape.length !== 1 || shape[0] !== expected.length) {
    throw new RangeError(`${name} has the shape (${shape.join(', ')}), not (${expected.length})`)
  }
  for (let from = 0; from < expected.length; from += slabRows) {
    const count = Math.min(slabRows, expected.length - from)
    const { data } = reader.readRows(`/${name}`, from, count)
    for (let row = 0; row < count; row++) {
      const wanted = expected.at(from + row)
      if (!Object.is(data[row], wanted)) throw new RangeError(`${name}[${from + row}] is ${data[row]}, not ${wanted}`)
    }
  }
}

function checkMembers(reader: Hdf5Reader, expected: ReadonlyMap<string, Column> | undefined, findings: Findings): void {
  for (const { name } of reader.members('/init')) {
    if (!initMembers.includes(name)) findings.fault('unexpected-object', `/init/${name} is not part of a stacked file.`)
  }
  for (const { name } of reader.members('/')) {
    if (name === 'init' || fixedColumns.includes(name) || !expected || expected.has(name)) continue
    findings.fault('unexpected-object', `/${name} is not part of this stacked file.`)
  }
}

/** Dimension names live where HDF5 has no checksum, so that they are compared one by one. */
function checkScales(reader: Hdf5Reader, columns: readonly string[]): void {
  const scales = [stackedPaths.configuration, stackedPaths.turbine, stackedPaths.coordinate]
  const attached: [string, string[]][] = [[stackedPaths.layout, scales]]
  for (const name of new Set([...columns, 'n_turbines', 'aep'])) {
    if (!scales.includes(`/${name}` as (typeof scales)[number]))
      attached.push([`/${name}`, [stackedPaths.configuration]])
  }
  for (const [path, expected] of attached) {
    for (const [dimension, scale] of expected.entries()) {
      const found = reader.attachedScales(path, dimension)
      if (found.length === 1 && found[0] === scale) continue
      throw new RangeError(`dimension ${dimension} of ${path} is named ${found.join(', ') || 'nothing'}, not ${scale}`)
    }
  }
}
