import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import type { SalvageSource } from '@windrow/common/results/contents.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { RowFault, WreckRow } from '@windrow/common/wrecks/wreck.ts'
import type { WreckReader } from '@windrow/common/wrecks/wreck-reader.ts'
import { faultOfAep, type ReportedAep } from './reported-aep.ts'
import type { SalvageThreads } from './salvage-threads.ts'
import { type BadRow, contentOf, type FileFacts, type GoodRow } from './wreck-facts.ts'

export interface TakeInPorts {
  readonly store: Store
  readonly plan: SweepPlan
  readonly reader: WreckReader
  readonly threads: SalvageThreads
  /** undefined where no Redis runs, or it holds no ledger: whoever makes one finds the commits. */
  readonly ledger: Ledger | undefined
  readonly epochOf: (index: number) => number
  readonly onTaken: (done: number) => void
}

export interface Taking {
  readonly files: readonly FileFacts[]
  readonly take: readonly GoodRow[]
  readonly aep: SalvageSource['aep']
  readonly reported: ReportedAep
}

export interface TakenIn {
  readonly taken: readonly GoodRow[]
  /** Committed by somebody else meanwhile. */
  readonly leftAlone: readonly GoodRow[]
  /** Good when the wreck was surveyed, and not taken in after all. */
  readonly bad: readonly BadRow[]
}

const filesAtOnce = 3
const rowsAtOnce = 4

/**
 * Reads the files of these rows again, and commits each that still is what it was. A file at a time is in memory, or 256
 * rows of it. Safe to repeat: a commit that is there already stands.
 */
export async function takeIn(taking: Taking, ports: TakeInPorts): Promise<TakenIn> {
  const wanted = Map.groupBy(taking.take, ({ file }) => file)
  const taken: GoodRow[] = []
  const leftAlone: GoodRow[] = []
  const bad: BadRow[] = []
  const reading = readAhead(wanted, filesAtOnce, async ([file, rows]) => {
    const left = new Map(rows.map((row) => [row.place, row]))
    await ports.reader.read(taking.files[file]!.path, async (some) => {
      for await (const outcome of readAhead(some, rowsAtOnce, (row) => takeRow({ row, left, taking }, ports))) {
        if (outcome === undefined) continue
        if (outcome.kind === 'bad') bad.push(outcome.row)
        else (outcome.kind === 'taken' ? taken : leftAlone).push(outcome.row)
        ports.onTaken(taken.length)
      }
    })
    for (const row of left.values()) bad.push({ ...row, fault: changed })
  })
  for await (const _ of reading);
  return { taken, leftAlone, bad }
}

const changed: RowFault = { cause: 'unreadable', detail: 'Its file is another one than a moment ago.' }

type Outcome =
  | { readonly kind: 'taken' | 'left-alone'; readonly row: GoodRow }
  | { readonly kind: 'bad'; readonly row: BadRow }

/** undefined: this row is not the one that was chosen for its configuration. */
async function takeRow(
  { row, left, taking }: { row: WreckRow; left: Map<string, GoodRow>; taking: Taking },
  ports: TakeInPorts,
): Promise<Outcome | undefined> {
  const chosen = left.get(row.place)
  if (chosen === undefined || row.aep === undefined) return undefined
  if (contentOf({ layout: row.layout, aep: row.aep }) !== chosen.content) return undefined
  left.delete(row.place)
  const { plan, threads } = ports
  const problem = problemOf(plan.at(chosen.index), plan.specification)
  const { reported, aep } = taking
  const evaluate = aep === 'reevaluated' || reported.reproduced
  const { name: file, sha256 } = taking.files[chosen.file]!
  const result = {
    digest: plan.digestAt(chosen.index),
    reportedGWh: row.aep,
    source: { file, place: row.place, sha256, aep },
  }
  const { evaluatedGWh, bytes } = await threads.prepare({ problem, layout: row.layout, evaluate, result })
  const fault = faultOfAep(chosen, reported, evaluatedGWh)
  if (fault !== undefined) return { kind: 'bad', row: { ...chosen, fault } }
  return { kind: await commit(chosen, bytes!, ports), row: chosen }
}

async function commit(
  row: GoodRow,
  bytes: Uint8Array,
  { store, plan, ledger, epochOf }: TakeInPorts,
): Promise<'taken' | 'left-alone'> {
  const epoch = epochOf(row.index)
  const created = await store.create(names.result(plan.sweep, row.key, epoch), bytes)
  try {
    await ledger?.settle({ index: row.index, attempt: 'salvage', epoch, settlement: 'committed' })
  } catch (error) {
    // Whoever makes or extends the ledger finds the commit in the store.
    if (!isWindrowError(error, 'LEDGER_ABSENT', 'LEDGER_MISMATCH')) throw error
  }
  return created === 'created' ? 'taken' : 'left-alone'
}
