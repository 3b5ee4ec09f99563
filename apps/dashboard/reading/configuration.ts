import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { type AttemptRecord, attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { type DeadLetter, deadLetterSchema } from '@windrow/common/records/dead-letter.ts'
import { type QuarantineEvidence, quarantineEvidenceSchema } from '@windrow/common/records/quarantine-evidence.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { type Reopening, reopeningSchema } from '@windrow/common/records/reopening.ts'
import { readCellsNow } from '@windrow/common/status/current-states.ts'
import { type StateWord, stateWord } from '@windrow/common/status/state-words.ts'
import { names } from '@windrow/common/store/names.ts'
import { addressOf } from '@windrow/common/store/object-address.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { FieldValue } from '@windrow/common/sweep/plan.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import type { z } from 'zod'
import type { OverviewSources } from './overview.ts'

/** All that is known of one configuration. */
export interface ConfigurationDetails {
  readonly sweep: string
  readonly key: string
  readonly word: StateWord
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Attempts a configuration may spend in an epoch. */
  readonly budget: number
  /** The newest first. */
  readonly attempts: readonly AttemptRecord[]
  /** How many there are, shown or not. */
  readonly attemptsInAll: number
  /** The end of the log of the newest attempt that has one. */
  readonly log?: { readonly attempt: AttemptRecord; readonly text: string; readonly cut: boolean }
  readonly deadLetters: readonly DeadLetter[]
  readonly reopenings: readonly Reopening[]
  readonly evidence: readonly (QuarantineEvidence & { readonly address: string })[]
}

const readsAtOnce = 16
const mostAttempts = 50
const mostOfLog = 64 * 1024

/** Reads a configuration's records; undefined when the sweep has none of this key. */
export async function readConfiguration(
  { plan, policy }: SubmittedSweep,
  key: string,
  { store, ledgerOf }: Omit<OverviewSources, 'reader'>,
): Promise<ConfigurationDetails | undefined> {
  const index = plan.indexOf(key)
  if (index === undefined) return undefined
  const { sweep } = plan
  const { cells } = await readCellsNow({ store, ledger: ledgerOf(sweep) }, plan)
  const attempts = await readRecords(store, await recordsUnder(store, names.attempts(sweep, key)), attemptRecordSchema)
  attempts.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
  const inQuarantine = await recordsUnder(store, `${names.quarantine(sweep)}${key}/`)
  const evidence = await readRecords(store, inQuarantine, quarantineEvidenceSchema)
  // An epoch that is over is followed by the next, whose attempts are recorded.
  const epochs = [...Array(1 + Math.max(0, ...attempts.map(({ epoch }) => epoch))).keys()]
  const letters = epochs.map((epoch) => names.deadLetter(sweep, key, epoch))
  const reopenings = epochs.map((epoch) => names.reopening(sweep, key, epoch))
  const log = await newestLog(store, attempts)
  return {
    sweep,
    key,
    word: stateWord(stateOfCell(cells[index]!)),
    fields: plan.at(index).fields,
    budget: policy.attempts,
    attempts: attempts.slice(0, mostAttempts),
    attemptsInAll: attempts.length,
    ...(log && { log }),
    deadLetters: await readRecords(store, letters, deadLetterSchema),
    reopenings: await readRecords(store, reopenings, reopeningSchema),
    evidence: evidence.map((found) => ({
      ...found,
      address: addressOf(store, names.quarantinedBytes(sweep, key, found.epoch, found.attempt)),
    })),
  }
}

/** The log of one attempt, as it was written; undefined when there is none. */
export async function readLog(store: Store, at: Pick<AttemptRecord, 'sweep' | 'key' | 'epoch' | 'attempt'>) {
  return await store.read(names.attemptLog(at.sweep, at.key, at.epoch, at.attempt))
}

async function recordsUnder(store: Store, folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list(folder)) if (name.endsWith('.json')) found.push(name)
  return found
}

/** The records that are there. */
async function readRecords<Schema extends z.ZodType>(
  store: Store,
  recordNames: readonly string[],
  schema: Schema,
): Promise<z.infer<Schema>[]> {
  const records: z.infer<Schema>[] = []
  for await (const { name, bytes } of readAhead(recordNames, readsAtOnce, async (name) => ({
    name,
    bytes: await store.read(name),
  }))) {
    if (bytes) records.push(decodeRecord(schema, name, bytes))
  }
  return records
}

async function newestLog(store: Store, attempts: readonly AttemptRecord[]): Promise<ConfigurationDetails['log']> {
  for (const attempt of attempts.slice(0, mostAttempts)) {
    const bytes = await readLog(store, attempt)
    if (!bytes || bytes.length === 0) continue
    const text = new TextDecoder().decode(bytes.subarray(-mostOfLog))
    return { attempt, text, cut: bytes.length > mostOfLog }
  }
  return undefined
}
