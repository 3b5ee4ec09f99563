import { messageOf } from '../../errors/windrow-error.ts'
import { Hdf5Error } from '../../hdf5/hdf5-error.ts'
import type { PlainReader } from '../../hdf5/reader.ts'
import type { AttributeValue, DatasetContents } from '../../results/contents.ts'
import type { RowFault, WreckRow } from '../wreck.ts'

/** A layout of 100,000 turbines takes 1.6 MB; whatever claims more is not read. */
export const largestRowBytes = 4 * 2 ** 20
const mostAttributes = 64

/** Attributes that are a scalar text or number, and the names of the others. Throws Hdf5Error when they cannot be read. */
export function readAttributes(
  reader: PlainReader,
  path: string,
): { attributes: Record<string, AttributeValue>; others: string[] } {
  const attributes: Record<string, AttributeValue> = {}
  const others: string[] = []
  const names = reader.attributeNames(path)
  if (names.length > mostAttributes) throw new Hdf5Error(`${path} has ${names.length} attributes`)
  for (const name of names) {
    try {
      attributes[name] = reader.attribute(path, name)
    } catch (error) {
      // Arrays and booleans are whole, only of no use here.
      if (!(error instanceof Hdf5Error) || !/is no scalar/.test(error.message)) throw error
      others.push(`${path}@${name}`)
    }
  }
  return { attributes, others }
}

/** A number among the attributes; undefined when it is absent or a text. */
export function numberIn(attributes: Readonly<Record<string, AttributeValue>>, name: string): number | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  return value === undefined || typeof value === 'string' ? undefined : Number(value)
}

/** The numbers of a dataset, whatever their type. */
export function numbersOf({ data }: DatasetContents): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data, Number)
}

/** The numbers of a (2, N) dataset; a fault when it is anything else. */
export function readLayout(reader: PlainReader, path: string): Float64Array | RowFault {
  const { type, shape } = reader.datasetInfo(path)
  if (type.kind !== 'numeric') return { cause: 'wrong_type', detail: `${path} does not hold numbers.` }
  if (shape.length !== 2 || shape[0] !== 2 || (shape[1] ?? 0) === 0) {
    return { cause: 'wrong_shape', detail: `${path} has the shape (${shape.join(', ')}), not (2, N).` }
  }
  return numbersOf(reader.read(path, largestRowBytes))
}

/** Reads one row; what libhdf5 cannot read becomes the fault of that row, unless the library itself broke. */
export function readRow(place: { place: string; key: string }, read: () => WreckRow): WreckRow {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Hdf5Error) || error.crashed) throw error
    return emptyRow(place, { cause: 'unreadable', detail: `${messageOf(error)}.` })
  }
}

/** A row of which nothing is known but where it stands and what is wrong with it. */
export function emptyRow({ place, key }: { place: string; key: string }, fault: RowFault): WreckRow {
  return {
    ...{ place, key, fields: {}, attributes: {}, layout: new Float64Array(), aep: undefined },
    ...{ claimedTurbines: undefined, fault, others: [] },
  }
}
