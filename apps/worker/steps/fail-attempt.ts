import { sha256Of } from '@windrow/common/commits/read-commit.ts'
import { reproduceLine } from '@windrow/common/commits/reproduce-line.ts'
import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import type { JobDisposition } from '@windrow/common/queue/queue.ts'
import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'
import type { DeadLetter } from '@windrow/common/records/dead-letter.ts'
import type { QuarantineEvidence } from '@windrow/common/records/quarantine-evidence.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import type { Verdict } from '@windrow/common/results/verdict.ts'
import { names } from '@windrow/common/store/names.ts'
import { fingerprintOf } from '@windrow/common/trials/fingerprint.ts'
import type { Trial } from '@windrow/common/trials/trials.ts'
import type { AttemptOutcome } from '../attempts/runner.ts'
import type { AttemptContext } from './attempt-context.ts'
import { backoffMs } from './backoff.ts'
import { patiently } from './patience.ts'

type OutcomeOf<Kind extends AttemptOutcome['kind']> = Extract<AttemptOutcome, { kind: Kind }>

interface Cause {
  readonly code: ErrorCode
  readonly message: string
}

/** The optimizer failed: another attempt after a pause while the budget lasts and the failure can heal, else a dead letter. */
export async function failAttempt(attempt: AttemptContext, outcome: OutcomeOf<'failed'>): Promise<JobDisposition> {
  const { code, message, peakMemoryBytes, log } = outcome
  await recordAttempt(attempt, attempt.record({ outcome: 'failed', code, message, peakMemoryBytes }), log)
  return await retryOrBury(attempt, 'dead-failed', { code, message, canHeal: outcome.canHeal })
}

/** The output did not validate: its bytes and the verdict go to the quarantine, the attempt has failed. */
export async function refuseOutput(
  attempt: AttemptContext,
  outcome: OutcomeOf<'output'>,
  verdict: Verdict & { ok: false },
): Promise<JobDisposition> {
  const { ports, sweep, configuration, epoch, id, patience } = attempt
  const { key } = configuration
  const name = sweep.plan.sweep
  const { bytes, log, peakMemoryBytes } = outcome
  const message = `${verdict.reason}: ${verdict.detail}`
  ports.observer.refused(verdict.reason)
  const evidence: QuarantineEvidence = {
    schema: 1,
    sweep: name,
    key,
    epoch,
    attempt: id,
    reason: verdict.reason,
    detail: verdict.detail,
    source: 'output',
    bytes: bytes.length,
    sha256: sha256Of(bytes),
    host: ports.host,
    at: new Date(ports.clock.now()).toISOString(),
    reproduce: reproduceLine({ sweep: name, key, optimizer: configuration.problem.optimizer.name }),
  }
  await patiently(patience, () => ports.store.create(names.quarantinedBytes(name, key, epoch, id), bytes))
  await patiently(patience, () =>
    ports.store.create(names.quarantineEvidence(name, key, epoch, id), encodeRecord(evidence)),
  )
  const record = attempt.record({ outcome: 'corrupt', code: 'OUTPUT_CORRUPT', message, peakMemoryBytes, bytes })
  await recordAttempt(attempt, record, log)
  return await retryOrBury(attempt, 'dead-corrupt', { code: 'OUTPUT_CORRUPT', message, canHeal: true })
}

/**
 * The worker drains, or somebody else holds the configuration: the attempt is given back unspent. It is on record first:
 * once it is given back nobody knows of it who could record it instead.
 */
export async function handBack(attempt: AttemptContext, outcome: OutcomeOf<'stopped'>): Promise<JobDisposition> {
  await recordAttempt(
    attempt,
    attempt.record({ outcome: 'handed-back', peakMemoryBytes: outcome.peakMemoryBytes }),
    outcome.log,
  )
  await attempt.giveBack()
  return { kind: 'hand-back' }
}

/** The epoch is over without a result: the dead letter goes to the store first, then the ledger learns of it. */
export async function buryConfiguration(
  attempt: AttemptContext,
  { state, trial }: { readonly state: DeadLetter['state']; readonly trial?: Trial },
  { code, message }: Cause,
): Promise<JobDisposition> {
  const { ports, sweep, configuration, epoch, patience } = attempt
  const letter: DeadLetter = {
    schema: 1,
    sweep: sweep.plan.sweep,
    key: configuration.key,
    epoch,
    state,
    code,
    message,
    attempts: attempt.number,
    attempt: attempt.id,
    host: ports.host,
    at: new Date(ports.clock.now()).toISOString(),
  }
  const name = names.deadLetter(sweep.plan.sweep, configuration.key, epoch)
  const created = await patiently(patience, () => ports.store.create(name, encodeRecord(letter)))
  if (created === 'created') ports.observer.died(letter)
  await attempt.settle(state, trial)
  attempt.logger.error({ code, attempts: attempt.number }, `dead letter: ${message}`)
  return { kind: 'dead', message: `${code}: ${message}` }
}

/** Writes the attempt's record and log; both are create-only, so repeating it is safe. */
export async function recordAttempt(attempt: AttemptContext, record: AttemptRecord, log: Uint8Array): Promise<void> {
  const { ports, sweep, configuration, epoch, id, patience } = attempt
  ports.observer.ended(record)
  if (log.length > 0) {
    const logName = names.attemptLog(sweep.plan.sweep, configuration.key, epoch, id)
    await patiently(patience, () => ports.store.create(logName, log))
  }
  const name = names.attempt(sweep.plan.sweep, configuration.key, epoch, id)
  await patiently(patience, () => ports.store.create(name, encodeRecord(record)))
}

async function retryOrBury(
  attempt: AttemptContext,
  deadState: DeadLetter['state'],
  cause: Cause & { canHeal: boolean },
): Promise<JobDisposition> {
  const { sweep, ports, configuration } = attempt
  const { policy } = sweep
  const fingerprint = fingerprintOf(cause, configuration.key)
  // What cannot heal would have failed on any host.
  const trial = { host: ports.host, fingerprint, blamesHost: cause.canHeal }
  if (!cause.canHeal || attempt.number >= policy.attempts) {
    return await buryConfiguration(attempt, { state: deadState, trial }, cause)
  }
  await attempt.settle('retrying', trial)
  const delayMs = backoffMs(policy.backoff, attempt.number, attempt.ports.randomness.uniform())
  attempt.logger.warn({ code: cause.code, attempt: attempt.number, of: policy.attempts, delayMs }, cause.message)
  return { kind: 'retry', delayMs }
}
