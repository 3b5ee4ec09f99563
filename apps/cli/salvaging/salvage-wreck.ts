import { recordAction } from '@windrow/common/accounting/actions.ts'
import { rangesOf } from '@windrow/common/accounting/index-ranges.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { WreckReader } from '@windrow/common/wrecks/wreck-reader.ts'
import { type HeldInStore, heldInStore } from './compare-with-store.ts'
import { keepEvidence } from './keep-evidence.ts'
import type { WreckListing } from './list-wreck.ts'
import { planSalvage, type SalvagePlan } from './plan-salvage.ts'
import type { SalvageOutcome } from './report.ts'
import { judgeReportedAep } from './reported-aep.ts'
import type { SalvageThreads } from './salvage-threads.ts'
import { sampleAep } from './sample-aep.ts'
import { surveyWreck } from './survey-wreck.ts'
import { takeIn } from './take-in.ts'
import { weighRows } from './weigh-rows.ts'
import type { RowFacts, Survey } from './wreck-facts.ts'

/** The sweep that a wreck is taken into. */
export interface EnteredStore {
  readonly store: Store
  readonly plan: SweepPlan
  readonly ledger: Ledger | undefined
}

export interface SalvagePorts {
  readonly reader: WreckReader
  readonly threads: SalvageThreads
  readonly validator: Validator
  /** Enters the specification into the store, when it is certain that something will be done. */
  readonly enter: () => Promise<EnteredStore>
  readonly actor: {
    readonly user: string
    readonly host: string
    readonly now: () => number
    readonly id: () => string
  }
  readonly say: (line: string) => void
}

export interface SalvageRequest {
  /** As it was named, and where it is. */
  readonly directory: string
  readonly path: string
  readonly listing: WreckListing
  /** Of the specification alone: what the rows are held against. */
  readonly plan: SweepPlan
  readonly aep: 'reevaluate' | 'as-reported'
  readonly dryRun: boolean
  /** The store as it is; undefined where there is none. */
  readonly present: Store | undefined
}

/**
 * Reads a wreck, decides over every configuration it has rows of, and takes in what is good. The wreck itself is only
 * read. Safe to repeat and to interrupt: what was taken in stands, and is recognised.
 */
export async function salvageWreck(request: SalvageRequest, ports: SalvagePorts): Promise<SalvageOutcome> {
  const { listing, dryRun, directory, path, aep } = request
  const survey = await surveyWreck(listing.files, { plan: request.plan, reader: ports.reader })
  const entered = dryRun ? { store: request.present, plan: request.plan, ledger: undefined } : await ports.enter()
  const { plan, store } = entered
  const weighed = weighRows(survey.rows.map((row) => onPlan(row, plan)))
  const indices = [...[...weighed.good.values()], ...[...weighed.conflicts.values()].map(([row]) => row!)]
  const held = await heldInStore(
    indices.map(({ index }) => index),
    { store, plan, validator: ports.validator },
  )
  const sample = await sampleAep(weighed.good.values(), { ...ports, files: survey.files, plan })
  const reported = judgeReportedAep(weighed.good.values(), sample)
  const nameOf = ({ file }: RowFacts) => survey.files[file]!.name
  const planned = planSalvage(weighed, { held: held.held, reported, nameOf })
  const outcome = { plan, directory, dryRun, listing, files: survey.files, copies: weighed.copies, reported, aep }
  if (dryRun || store === undefined) {
    return { ...outcome, decided: planned, missing: missingOf(planned, { plan, held }), evidence: 0 }
  }
  const done = await carryOut(planned, { ...outcome, path, survey, held }, { ...ports, store, ledger: entered.ledger })
  return { ...outcome, ...done, missing: missingOf(done.decided, { plan, held }) }
}

type Carrying = Omit<SalvageOutcome, 'decided' | 'missing' | 'evidence'> & {
  readonly path: string
  readonly survey: Survey
  readonly held: HeldInStore
}

async function carryOut(
  planned: SalvagePlan,
  { plan, path, survey, held, reported, aep }: Carrying,
  ports: SalvagePorts & { readonly store: Store; readonly ledger: Ledger | undefined },
): Promise<{ decided: SalvagePlan; evidence: number }> {
  const { store, ledger, reader, threads, actor, say } = ports
  if (planned.take.length + planned.close.length > 0) await record(planned, { plan, path }, ports)
  for (const { row, epoch, files } of planned.close) {
    const reason = `what was salvaged is contradicted by another file: ${files.join(', ')}`
    const address = { sweep: plan.sweep, key: row.key, epoch }
    await recordReopening(store, address, { who: actor.user, now: actor.now(), reason, contradictory: [...files] })
    await reopenInLedger(ledger, { index: row.index, epoch })
  }
  const { taken, leftAlone, bad } = await takeIn(
    { files: survey.files, take: planned.take, aep: aep === 'reevaluate' ? 'reevaluated' : 'as-reported', reported },
    {
      ...{ store, plan, reader, threads, ledger },
      epochOf: (index) => epochOf(held, index),
      onTaken: progress({ total: planned.take.length, say, now: actor.now }),
    },
  )
  const decided = {
    ...planned,
    take: taken,
    leftAlone: [...planned.leftAlone, ...leftAlone],
    bad: [...planned.bad, ...bad],
  }
  const { user: by, host, now } = actor
  const where = { store, sweep: plan.sweep, directory: path, by, host, now: now(), say }
  const refused = [...decided.bad, ...decided.contradicted]
  return { decided, evidence: await keepEvidence({ files: survey.files, bad: refused }, where) }
}

/** Plans differ in the places of configurations when the specification extends the sweep that is there. */
function onPlan(row: RowFacts, plan: SweepPlan): RowFacts {
  return row.index === undefined ? row : { ...row, index: plan.indexOf(row.key) }
}

function epochOf({ held }: HeldInStore, index: number): number {
  const found = held.get(index)
  return found !== undefined && 'epoch' in found ? found.epoch : 0
}

function missingOf(
  { take, there, close }: SalvagePlan,
  { plan, held }: { plan: SweepPlan; held: HeldInStore },
): string[] {
  const present = new Set([...held.committed, ...[...take, ...there].map(({ index }) => index)])
  for (const { row } of close) present.delete(row.index)
  const missing: string[] = []
  for (let index = 0; index < plan.total; index++) if (!present.has(index)) missing.push(plan.keyAt(index))
  return missing.sort()
}

async function record(
  { take, close }: SalvagePlan,
  { plan, path }: { plan: SweepPlan; path: string },
  { store, actor }: { store: Store; actor: SalvagePorts['actor'] },
): Promise<void> {
  const places = [...take, ...close.map(({ row }) => row)].map(({ index }) => index).sort((a, b) => a - b)
  const action = {
    ...{ sweep: plan.sweep, action: 'salvage' as const, selector: [], by: actor.user },
    ...{ reason: `from ${path}`, changed: places.length, configurations: rangesOf(places) },
  }
  await recordAction(store, action, { now: actor.now(), id: actor.id() })
}

async function reopenInLedger(ledger: Ledger | undefined, at: { index: number; epoch: number }): Promise<void> {
  try {
    await ledger?.reopen(at)
  } catch (error) {
    // Whoever makes or extends the ledger finds the record in the store.
    if (!isWindrowError(error, 'LEDGER_ABSENT', 'LEDGER_MISMATCH')) throw error
  }
}

const sayEveryMs = 5000

function progress({ total, say, now }: { total: number; say: (line: string) => void; now: () => number }) {
  let saidAt = now()
  return (done: number) => {
    if (now() - saidAt < sayEveryMs) return
    saidAt = now()
    say(`${done} of ${total} configurations taken in`)
  }
}
