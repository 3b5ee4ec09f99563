import type { IndexRange } from '../records/action.ts'

/** Places in ascending order as ranges: 0, 1, 2, 7 -> [0, 2], [7, 7]. */
export function rangesOf(ascending: Iterable<number>): IndexRange[] {
  const ranges: IndexRange[] = []
  for (const index of ascending) {
    const last = ranges.at(-1)
    if (last && index === last[1] + 1) last[1] = index
    else ranges.push([index, index])
  }
  return ranges
}

/** Whether `index` lies in one of these ranges, which are in ascending order and do not overlap. */
export function isInRanges(ranges: readonly IndexRange[], index: number): boolean {
  let [low, high] = [0, ranges.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to] = ranges[middle]!
    if (index < from) high = middle - 1
    else if (index > to) low = middle + 1
    else return true
  }
  return false
}
