import type { Cursor } from './cursor.ts'
import { ours } from './outcome.ts'

const scalarClass = 0
const simpleClass = 1
const highestRank = 32

/**
 * A dataspace message of version 2 (format specification 3.0, IV.A.2.b): a scalar ([]), or dimensions that cannot grow.
 */
export function readDataspace(body: Cursor): readonly number[] {
  const version = body.u8()
  const rank = body.u8()
  const flags = body.u8()
  const kind = body.u8()
  ours(version === 2, 'a dataspace is not of version 2')
  if (rank === 0) {
    ours(flags === 0 && kind === scalarClass, 'a dataspace is empty')
    body.finish('a scalar dataspace')
    return []
  }
  ours(flags === 1 && kind === simpleClass && rank <= highestRank, 'a dataspace is none of ours')
  const shape = Array.from({ length: rank }, () => body.u64())
  for (const length of shape) ours(body.u64() === length, 'a dataset can be resized')
  body.finish('a dataspace')
  return shape
}
