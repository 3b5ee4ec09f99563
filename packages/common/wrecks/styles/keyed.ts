import type { PlainReader } from '../../hdf5/reader.ts'
import { GroupTooLarge, type ReadGroup } from '../../hdf5/stored-group-reading.ts'

import type { RowFault, WreckRow } from '../wreck.ts'
import {
  emptyRow,
  largestRowBytes,
  numberIn,
  numbersOf,
  readAttributes,
  readLayout,
  readRow,
} from './tolerant-reads.ts'

/** The rows of groups at the root, `farm0_t1_s2/layout` and `farm0_t1_s2/aep`, one after the other. */
export function* keyedRows(
  reader: PlainReader,
  groupNames: Iterable<string>,
  groupOf?: (place: string) => ReadGroup,
): Generator<WreckRow> {
  for (const key of groupNames) {
    const at = { place: `/${key}`, key }
    yield readRow(at, () => {
      const row = keyedRow(reader, at)
      return groupOf && row.fault === undefined ? withGroup(row, groupOf) : row
    })
  }
}

function withGroup(row: WreckRow, groupOf: (place: string) => ReadGroup): WreckRow {
  try {
    return { ...row, group: groupOf(row.place) }
  } catch (error) {
    if (!(error instanceof GroupTooLarge)) throw error
    return emptyRow(row, { cause: 'too_large', detail: `${error.message}.` })
  }
}

function keyedRow(reader: PlainReader, at: { place: string; key: string }): WreckRow {
  const { place, key } = at
  const kind = reader.kindOf(place)
  if (kind !== 'group') {
    return emptyRow(at, { cause: 'wrong_type', detail: `${place} is no group of this file, but a ${nounOf(kind)}.` })
  }
  const names = reader.memberNames(place)
  const { attributes, others } = readAttributes(reader, place)
  const layout = names.includes('layout') ? layoutOf(reader, `${place}/layout`) : missingLayout(place)
  const aep = names.includes('aep') ? aepOf(reader, `${place}/aep`) : numberIn(attributes, 'aep')
  const faults = [layout, aep].filter((part): part is RowFault => typeof part === 'object' && 'cause' in part)
  return {
    ...{ place, key, fields: {}, attributes },
    layout: layout instanceof Float64Array ? layout : new Float64Array(),
    aep: typeof aep === 'number' ? aep : undefined,
    claimedTurbines: numberIn(attributes, 'n_turbines'),
    fault: faults[0],
    others: [
      ...others,
      ...names.filter((name) => name !== 'layout' && name !== 'aep').map((name) => `${place}/${name}`),
    ],
  }
}

const nounOf = (kind: 'dataset' | 'other') => (kind === 'dataset' ? 'dataset' : 'link or named type')

function missingLayout(place: string): RowFault {
  return { cause: 'missing_layout', detail: `${place} has no dataset layout.` }
}

function layoutOf(reader: PlainReader, path: string): Float64Array | RowFault {
  const kind = reader.kindOf(path)
  if (kind === 'dataset') return readLayout(reader, path)
  return { cause: 'wrong_type', detail: `${path} is no dataset of this file.` }
}

function aepOf(reader: PlainReader, path: string): number | RowFault {
  if (reader.kindOf(path) !== 'dataset') return { cause: 'wrong_type', detail: `${path} is no dataset of this file.` }
  const { type, shape } = reader.datasetInfo(path)
  if (type.kind !== 'numeric') return { cause: 'wrong_type', detail: `${path} does not hold numbers.` }
  if (shape.some((length) => length !== 1)) {
    return { cause: 'wrong_shape', detail: `${path} has the shape (${shape.join(', ')}); it is a scalar.` }
  }
  return numbersOf(reader.read(path, largestRowBytes))[0]!
}
