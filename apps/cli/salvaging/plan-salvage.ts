import type { Held } from './compare-with-store.ts'
import { faultOfAep, faultOfSign, type ReportedAep } from './reported-aep.ts'
import type { Weighed } from './weigh-rows.ts'
import type { BadRow, GoodRow } from './wreck-facts.ts'

/** What salvage is going to do, and what it leaves. */
export interface SalvagePlan {
  /** To be taken in. */
  readonly take: readonly GoodRow[]
  /** In the store already, from an earlier salvage, to the bit. */
  readonly there: readonly GoodRow[]
  /** In the store as a result of the sweep itself: left alone. */
  readonly leftAlone: readonly GoodRow[]
  /** Salvaged before, and contradicted now: their epochs are closed. */
  readonly close: readonly { readonly row: GoodRow; readonly epoch: number; readonly files: readonly string[] }[]
  /** Files that contradict each other, by key; none of their copies counts. */
  readonly conflicts: ReadonlyMap<string, readonly string[]>
  readonly bad: readonly BadRow[]
  /** The rows behind the conflicts. */
  readonly contradicted: readonly BadRow[]
}

/** Decides over every configuration that the wreck has rows of. Pure: `held` is what the store has, by place. */
export function planSalvage(
  { good, conflicts, bad }: Weighed,
  {
    held,
    reported,
    nameOf,
  }: {
    readonly held: ReadonlyMap<number, Held>
    readonly reported: ReportedAep
    readonly nameOf: (row: GoodRow) => string
  },
): SalvagePlan {
  const take: GoodRow[] = []
  const there: GoodRow[] = []
  const leftAlone: GoodRow[] = []
  const close: SalvagePlan['close'][number][] = []
  const named = new Map<string, readonly string[]>()
  const wrong: BadRow[] = [...bad]
  const contradicted: BadRow[] = []
  const contradict = (rows: readonly GoodRow[], found: Held, before: readonly string[]) => {
    const [row] = rows
    const files = distinct([...before, ...rows.map(nameOf)])
    named.set(row!.key, files)
    const detail = `${row!.key} is another one in each of ${files.join(', ')}.`
    for (const one of rows) contradicted.push({ ...one, fault: { cause: 'contradicted', detail } })
    if (found.kind === 'salvaged') close.push({ row: row!, epoch: found.epoch, files })
  }
  for (const row of good.values()) {
    const found = held.get(row.index)!
    const fault = faultOfSign(row, reported.sign) ?? faultOfAep(row, reported, reported.differing.get(row.key))
    if (fault !== undefined) wrong.push({ ...row, fault })
    else if (found.kind === 'open') take.push(row)
    else if (found.kind === 'committed') leftAlone.push(row)
    else if (found.kind === 'contradicted') contradict([row], found, found.files)
    else if (found.content === row.content) there.push(row)
    else contradict([row], found, [found.file])
  }
  for (const rows of conflicts.values()) {
    const found = held.get(rows[0]!.index)!
    if (found.kind === 'committed') leftAlone.push(rows[0]!)
    else
      contradict(
        rows,
        found,
        found.kind === 'salvaged' ? [found.file] : found.kind === 'contradicted' ? found.files : [],
      )
  }
  return { take, there, leftAlone, close, conflicts: named, bad: wrong, contradicted }
}

const distinct = (files: readonly string[]) => [...new Set(files)].sort()
