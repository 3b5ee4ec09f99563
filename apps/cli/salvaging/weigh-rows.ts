import type { BadRow, GoodRow, RowFacts } from './wreck-facts.ts'

/** What the rows of a wreck are worth, before the store and the model are asked. */
export interface Weighed {
  /** One row for each configuration: that of the first file. */
  readonly good: ReadonlyMap<string, GoodRow>
  /** Rows that repeat a good one to the bit. */
  readonly copies: number
  /** Good rows of one configuration that differ: nothing tells which of them is right, so none is taken in. */
  readonly conflicts: ReadonlyMap<string, readonly GoodRow[]>
  readonly bad: readonly BadRow[]
}

/** Sorts rows out: good ones, copies, contradictions, bad ones. The order of the files decides only which copy is named. */
export function weighRows(rows: readonly RowFacts[]): Weighed {
  const bad: BadRow[] = []
  const candidates = new Map<string, GoodRow[]>()
  for (const row of rows) {
    if (isBad(row)) bad.push(row)
    else if (isGood(row)) candidates.set(row.key, [...(candidates.get(row.key) ?? []), row])
  }
  const good = new Map<string, GoodRow>()
  const conflicts = new Map<string, readonly GoodRow[]>()
  let copies = 0
  for (const [key, group] of candidates) {
    const [first, ...others] = group
    if (others.some(({ content }) => content !== first!.content)) conflicts.set(key, group)
    else {
      good.set(key, first!)
      copies += others.length
    }
  }
  return { good, copies, conflicts, bad }
}

const isBad = (row: RowFacts): row is BadRow => row.fault !== undefined
const isGood = (row: RowFacts): row is GoodRow => row.fault === undefined && row.index !== undefined
