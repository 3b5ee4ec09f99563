import { closeDamagedCommit } from '@windrow/common/commits/close-damaged-commit.ts'
import { type CommitReading, readCommit } from '@windrow/common/commits/read-commit.ts'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { JobDisposition } from '@windrow/common/queue/queue.ts'
import { names } from '@windrow/common/store/names.ts'
import type { AttemptOutcome } from '../attempts/runner.ts'
import type { SpooledResult } from '../spooling/spool.ts'
import type { AttemptContext } from './attempt-context.ts'
import { recordAttempt } from './fail-attempt.ts'
import { patiently } from './patience.ts'

/**
 * Looks whether the configuration is committed already, and verifies what it finds: nothing committed runs again.
 * 'closed': the commit there is damaged, its epoch is over.
 */
export async function adoptCommit(attempt: AttemptContext): Promise<'absent' | 'committed' | 'closed'> {
  const reading = await readOwnCommit(attempt)
  if (reading.kind === 'absent') return 'absent'
  if (reading.kind === 'damaged') return await closeEpoch(attempt, reading)
  await attempt.settle('committed')
  return 'committed'
}

/**
 * Commits validated bytes: the attempt record first, then the create-only commit, then the ledger. While the store is
 * away the result waits in the spool. If the name is taken the holder is read: valid, the configuration is committed
 * (by us or by another, the first one stands); damaged, its epoch is closed and undefined is returned.
 */
export async function commitResult(
  attempt: AttemptContext,
  outcome: Extract<AttemptOutcome, { kind: 'output' }>,
): Promise<JobDisposition | undefined> {
  const { ports, sweep, configuration, epoch, id } = attempt
  const { bytes, log, peakMemoryBytes } = outcome
  const commitEnds = ports.observer.commitBegins()
  const record = attempt.record({ outcome: 'valid', peakMemoryBytes, bytes })
  const { sweep: name, manifest } = sweep.plan
  const spooled: SpooledResult = {
    sweep: name,
    key: configuration.key,
    index: configuration.index,
    epoch,
    attempt: id,
    manifest,
    record,
    bytes,
  }
  let inSpool = false
  const patience = {
    ...attempt.patience,
    onOutage: async (error: unknown) => {
      attempt.logger.warn({ err: error }, 'the store is away; the finished result waits in the spool')
      inSpool = await keepInSpool(attempt, spooled)
    },
  }
  const created = await attempt.traced('commit', async (tell) => {
    tell({ bytes: bytes.length })
    await recordAttempt({ ...attempt, patience }, record, log)
    return await patiently(patience, () => ports.store.create(names.result(name, configuration.key, epoch), bytes))
  })
  if (created === 'exists') {
    const holder = await readOwnCommit(attempt)
    if (holder.kind === 'damaged') {
      commitEnds('damaged')
      await closeEpoch(attempt, holder)
      if (inSpool) await ports.spool.remove(spooled)
      return undefined
    }
  }
  await attempt.settle('committed', { host: ports.host })
  commitEnds(created)
  if (inSpool) await ports.spool.remove(spooled)
  attempt.logger.info({ bytes: bytes.length, created }, 'committed')
  return { kind: 'done', value: 'committed' }
}

async function keepInSpool(attempt: AttemptContext, spooled: SpooledResult): Promise<boolean> {
  try {
    await attempt.ports.spool.put(spooled)
    return true
  } catch (error) {
    attempt.logger.error({ err: error }, `the spool cannot keep the result, it waits in memory: ${messageOf(error)}`)
    return false
  }
}

async function readOwnCommit({ ports, sweep, configuration, epoch, patience }: AttemptContext): Promise<CommitReading> {
  const address = { sweep: sweep.plan.sweep, key: configuration.key, epoch }
  const expectation = { ...configuration.expectation, mayBeSalvaged: true }
  return await patiently(patience, () => readCommit(ports, address, expectation))
}

async function closeEpoch(
  attempt: AttemptContext,
  reading: Extract<CommitReading, { kind: 'damaged' }>,
): Promise<'closed'> {
  const { ports, sweep, configuration, epoch, patience } = attempt
  const damage = { sweep: sweep.plan.sweep, key: configuration.key, epoch, ...reading }
  const actor = { who: ports.worker, host: ports.host, now: ports.clock.now() }
  attempt.logger.error({ reason: reading.verdict.reason }, `the commit is damaged: ${reading.verdict.detail}`)
  await patiently(patience, () => closeDamagedCommit(ports.store, damage, actor))
  await sweep.ledger.reopen({ index: configuration.index, epoch })
  return 'closed'
}
