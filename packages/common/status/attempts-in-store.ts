import { readAhead } from '../merging/read-ahead.ts'
import { type AttemptRecord, attemptRecordSchema } from '../records/attempt-record.ts'
import { decodeRecord } from '../records/record-codec.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'

/** The attempt records of a sweep, by name only. */
export interface AttemptNames {
  readonly total: number
  /** Names of the records of one configuration's epoch. */
  of(index: number, epoch: number): readonly string[]
}

const readsAtOnce = 16

/** Lists the attempt records of a sweep; reads none of them. */
export async function listAttempts(store: Store, plan: Plan): Promise<AttemptNames> {
  const byIndex = new Map<number, string[]>()
  let total = 0
  for await (const { name } of store.list(names.attemptsOfAll(plan.sweep))) {
    const match = /\/([^/]+)\/\d+-[^/]+\.json$/.exec(name)
    const index = match && plan.indexOf(match[1]!)
    if (index === null || index === undefined) continue
    total++
    const present = byIndex.get(index)
    if (present) present.push(name)
    else byIndex.set(index, [name])
  }
  return {
    total,
    of: (index, epoch) => (byIndex.get(index) ?? []).filter((name) => name.includes(`/${epoch}-`)),
  }
}

/** Reads attempt records, in the order of the names; one that has been removed meanwhile is left out. */
export async function readAttempts(store: Store, recordNames: Iterable<string>): Promise<AttemptRecord[]> {
  const records: AttemptRecord[] = []
  const reading = readAhead(recordNames, readsAtOnce, async (name) => ({ name, bytes: await store.read(name) }))
  for await (const { name, bytes } of reading) {
    if (bytes) records.push(decodeRecord(attemptRecordSchema, name, bytes))
  }
  return records
}

/** The same as `readAttempts` of one epoch, those that used up an attempt only, in the order in which they ended. */
export async function readFailedAttempts(store: Store, recordNames: readonly string[]): Promise<AttemptRecord[]> {
  const records = await readAttempts(store, recordNames)
  return records
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'corrupt' || outcome === 'lost')
    .sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1))
}
