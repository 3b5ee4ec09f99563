import { elementCount } from './element-types.ts'
import { Hdf5Error } from './hdf5-error.ts'
import type { DatasetInfo } from './reader.ts'

export interface ReadPlan {
  readonly info: DatasetInfo
  readonly itemBytes: number
  readonly limitBytes: number
}

export interface Rows {
  readonly from: number
  readonly count: number
}

/** What libhdf5 is asked for, unless the size is 0; null is everything. */
export interface Selection {
  /** In bytes. */
  readonly size: number
  readonly count: bigint[] | null
  readonly offset: bigint[] | null
  readonly strides: bigint[] | null
}

/** Selects a dataset, or some of its rows; Hdf5Error when they are not there, or reading them would take too much memory. */
export function selectionOf(action: string, plan: ReadPlan, rows?: Rows): Selection {
  const { shape } = plan.info
  if (plan.info.storage === 'virtual') throw new Hdf5Error(`${action}: it is a virtual dataset over other files`)
  if (rows !== undefined && !(rows.from >= 0 && rows.count >= 0 && rows.from + rows.count <= (shape[0] ?? -1))) {
    throw new Hdf5Error(`${action}: rows ${rows.from}..${rows.from + rows.count} of (${shape.join(', ')})`)
  }
  const wanted = rows === undefined ? shape : [rows.count, ...shape.slice(1)]
  const size = elementCount(wanted) * plan.itemBytes
  // libhdf5 holds whole chunks, so a small selection of a huge chunk is a huge read.
  const held = Math.max(size, elementCount(plan.info.chunks ?? []) * plan.itemBytes)
  if (!(held <= plan.limitBytes)) throw new Hdf5Error(`${action}: ${held} bytes are more than ${plan.limitBytes}`)
  if (rows === undefined || size === 0) return { size, count: null, offset: null, strides: null }
  return {
    size,
    count: wanted.map(BigInt),
    offset: wanted.map((_, index) => (index === 0 ? BigInt(rows.from) : 0n)),
    strides: wanted.map(() => 1n),
  }
}
