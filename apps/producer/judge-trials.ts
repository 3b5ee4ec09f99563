import { type ActionLog, recordAction } from '@windrow/common/accounting/actions.ts'
import { rangesOf } from '@windrow/common/accounting/index-ranges.ts'
import { pauseBy } from '@windrow/common/accounting/pause.ts'
import { setAsideBy } from '@windrow/common/accounting/set-aside.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { errorCatalogue } from '@windrow/common/errors/catalogue.ts'
import { openStates } from '@windrow/common/ledger/states.ts'
import { hostOfWorker } from '@windrow/common/ledger/transitions.ts'
import { type Action, windrowItself } from '@windrow/common/records/action.ts'
import { attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { type BadHost, badHosts } from '@windrow/common/trials/judge-hosts.ts'
import { alikeAtFirst, rowThatPauses } from '@windrow/common/trials/judge-sweep.ts'
import type { FailureRow, Trials, TriedAttempt } from '@windrow/common/trials/trials.ts'
import type { ProducerMemory, ProducerPorts, SweepInCharge } from './reconcile.ts'

/**
 * Judges what the attempts have shown. A host that fails by itself is set aside, and what failed there is given back; a
 * sweep that fails everywhere in the same way is paused. Both are actions in the store before anything follows from them, so
 * repeating it, or doing it twice at once, changes nothing more; `resume` ends both.
 */
export async function judgeTrials(
  sweep: SweepInCharge,
  ports: ProducerPorts,
  { log, memory }: { log: ActionLog; memory: ProducerMemory },
): Promise<void> {
  const { ledger, policy } = sweep
  const trials = await ledger.trials()
  const held = setAsideBy(log.actions).map(({ host }) => host)
  const found = badHosts(trials, policy.badHost).filter(({ streak }) => !held.includes(streak.host))
  for (const bad of found) await recordSetAside(sweep, ports, bad)
  const aside = [...held, ...found.map(({ streak }) => streak.host)]
  const known = trials.hosts.filter(({ isSetAside }) => isSetAside).map(({ host }) => host)
  if (aside.toSorted().join() !== known.toSorted().join()) await ledger.setAside(aside)
  for (const host of aside) await giveBack(sweep, ports, { host, memory })
  if (!pauseBy(log.actions)) await pauseIfHopeless(sweep, ports, found.length > 0 ? await ledger.trials() : trials)
}

async function recordSetAside(
  { plan }: SweepInCharge,
  ports: ProducerPorts,
  { streak, succeededElsewhere }: BadHost,
): Promise<void> {
  const { host, failures, configurations } = streak
  const reason = `its last ${failures} attempts failed, of ${configurations.length} different configurations or more; elsewhere ${succeededElsewhere} succeeded meanwhile`
  await record(ports, { sweep: plan.sweep, action: 'set-aside', host, reason })
  const code = 'HOST_SET_ASIDE'
  const { meaning, next } = errorCatalogue[code]
  ports.logger.error({ code, sweep: plan.sweep, host, next }, `${meaning} Host ${host}: ${reason}.`)
}

/** What was given up gets its next epoch, the record in the store first; what is open gets the attempts back. */
async function giveBack(
  { plan, ledger }: SweepInCharge,
  ports: ProducerPorts,
  { host, memory }: { host: string; memory: ProducerMemory },
): Promise<void> {
  const owed = await ledger.owedBy(host)
  const places = [...owed.open, ...owed.dead.map(({ index }) => index)].sort((a, b) => a - b)
  if (places.length === 0) return
  const { sweep } = plan
  const reason = `attempts failed on ${host}, which is set aside`
  const configurations = rangesOf(places)
  await record(ports, { sweep, action: 'give-back', host, reason, changed: places.length, configurations })
  for (const { index, epoch } of owed.dead) {
    const actor = { who: windrowItself, now: ports.clock.now(), reason }
    await recordReopening(ports.store, { sweep, key: plan.keyAt(index), epoch }, actor)
    await ledger.reopen({ index, epoch })
  }
  const attempts = await ledger.giveBack({ host, indices: owed.open })
  // They may have no job any more.
  Object.assign(memory, { cursor: 0, mismatches: 1 })
  ports.logger.warn({ sweep, host, attempts, reopened: owed.dead.length }, `gave back what failed on ${host}`)
}

async function pauseIfHopeless(sweep: SweepInCharge, ports: ProducerPorts, trials: Trials): Promise<void> {
  const { plan, policy, ledger, queue } = sweep
  // What runs is only asked for when it matters.
  if ((trials.row?.failures ?? 0) < alikeAtFirst) return
  const summary = await ledger.summary()
  if (!summary) return
  const row = rowThatPauses(trials, {
    total: plan.total,
    attempts: policy.attempts,
    committed: summary.counts.committed,
    open: openStates.reduce((sum, state) => sum + summary.counts[state], 0),
    runningOn: [...new Set((await ledger.running()).map(({ worker }) => hostOfWorker(worker)))],
  })
  if (!row) return
  const example = await exampleOf(sweep, ports, row.last)
  const reason = reasonOf(row)
  const { fingerprint } = row
  await record(ports, { sweep: plan.sweep, action: 'pause', reason, fingerprint, ...(example && { example }) })
  await queue.setPaused(true)
  await ledger.forgetRow()
  const code = 'SWEEP_PAUSED_ITSELF'
  const { meaning, next } = errorCatalogue[code]
  ports.logger.error({ code, sweep: plan.sweep, fingerprint, example, next }, `${meaning} ${plan.sweep}: ${reason}`)
}

function reasonOf({ failures, fingerprint, hosts }: FailureRow): string {
  const where = hosts.length === 1 ? `on ${hosts[0]}` : `on ${hosts.length} hosts`
  return `${failures} attempts in a row failed alike ${where}, and none succeeded: ${fingerprint}`
}

/** Every attempt is on record before it is settled; only who deletes records takes the example away. */
async function exampleOf(
  { plan }: SweepInCharge,
  { store }: ProducerPorts,
  { index, epoch, attempt }: TriedAttempt,
): Promise<Action['example']> {
  const key = plan.keyAt(index)
  const name = names.attempt(plan.sweep, key, epoch, attempt)
  const bytes = await store.read(name)
  if (!bytes) return undefined
  const { code = '', message = '', host } = decodeRecord(attemptRecordSchema, name, bytes)
  return { key, code, message, host }
}

async function record(
  { store, clock, randomness }: ProducerPorts,
  action: Omit<Action, 'schema' | 'at' | 'by' | 'selector'>,
): Promise<void> {
  await recordAction(store, { ...action, selector: [], by: windrowItself }, { now: clock.now(), id: randomness.id() })
}
