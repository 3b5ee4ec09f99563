import type { PlainReader } from '../../hdf5/reader.ts'
import type { WreckRow } from '../wreck.ts'
import { emptyRow, numberIn, readAttributes, readLayout, readRow } from './tolerant-reads.ts'

/** The group that holds every layout. */
export const nestedGroup = 'optimized_layouts'

/** The rows of `optimized_layouts/farm_0_type_1_seed_2`, one after the other. */
export function* nestedRows(reader: PlainReader): Generator<WreckRow> {
  for (const name of reader.memberNames(`/${nestedGroup}`)) {
    const place = `/${nestedGroup}/${name}`
    const fields = fieldsOf(name)
    const key = fields === undefined ? name : `farm${fields.farm_idx}_t${fields.type_idx}_s${fields.ss_seed}`
    yield readRow({ place, key }, () => nestedRow(reader, { place, key, fields: fields ?? {} }))
  }
}

function nestedRow(
  reader: PlainReader,
  at: { place: string; key: string; fields: Readonly<Record<string, number>> },
): WreckRow {
  const { place } = at
  if (reader.kindOf(place) !== 'dataset') {
    return emptyRow(at, { cause: 'wrong_type', detail: `${place} is no dataset of this file.` })
  }
  const { attributes, others } = readAttributes(reader, place)
  const layout = readLayout(reader, place)
  return {
    ...at,
    ...{ attributes, others, aep: numberIn(attributes, 'aep'), claimedTurbines: numberIn(attributes, 'n_turbines') },
    ...(layout instanceof Float64Array ? { layout, fault: undefined } : { layout: new Float64Array(), fault: layout }),
  }
}

function fieldsOf(name: string): { farm_idx: number; type_idx: number; ss_seed: number } | undefined {
  const match = /^farm_(0|[1-9]\d{0,8})_type_(0|[1-9]\d{0,8})_seed_(0|[1-9]\d{0,8})$/.exec(name)
  if (match === null) return undefined
  const [farm_idx, type_idx, ss_seed] = match.slice(1).map(Number)
  return { farm_idx: farm_idx!, type_idx: type_idx!, ss_seed: ss_seed! }
}
