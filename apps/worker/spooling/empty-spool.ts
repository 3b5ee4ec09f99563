import { readCommit } from '@windrow/common/commits/read-commit.ts'
import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { SettleResult } from '@windrow/common/ledger/ledger.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { configurationAtWork } from '../steps/expectation.ts'
import { DrainingError, patiently } from '../steps/patience.ts'
import type { SweepAtWork, WorkerPorts } from '../steps/ports.ts'
import type { SpooledResult } from './spool.ts'

/**
 * Brings home what an earlier run of this worker left in its spool, before anything new is begun: record, commit,
 * settlement, each create-only. What cannot be brought home (its sweep is gone, or another one now) stays in the spool and
 * does not hold up the others. Returns how many results it brought home. Throws DrainingError at `shutdown`.
 */
export async function emptySpool(ports: WorkerPorts, shutdown: AbortSignal): Promise<number> {
  let brought = 0
  for (const result of await ports.spool.waiting()) {
    try {
      if (await bringHome(result, ports, shutdown)) brought++
    } catch (error) {
      if (error instanceof DrainingError) throw error
      leaveInSpool(ports, result, messageOf(error))
    }
  }
  return brought
}

async function bringHome(result: SpooledResult, ports: WorkerPorts, shutdown: AbortSignal): Promise<boolean> {
  const { store, spool, logger } = ports
  const { sweep, key, epoch, attempt, record, bytes } = result
  const patience = { ...ports, shutdown }
  const atWork = await patiently(patience, () => ports.sweepOf(sweep, result.manifest))
  const index = atWork.plan.indexOf(key)
  if (index === undefined) return leaveInSpool(ports, result, 'it belongs to no configuration of its sweep')
  const { expectation } = configurationAtWork(atWork, index)
  // It was valid when it was spooled; the sweep of that name may be another one by now, or in another store.
  const verdict = await ports.validator.validate(bytes, expectation)
  if (!verdict.ok) return leaveInSpool(ports, result, `${verdict.reason}: ${verdict.detail}`)
  await patiently(patience, () => store.create(names.attempt(sweep, key, epoch, attempt), encodeRecord(record)))
  const created = await patiently(patience, () => store.create(names.result(sweep, key, epoch), bytes))
  if (created === 'exists') {
    const holder = await patiently(patience, () =>
      readCommit(ports, { sweep, key, epoch }, { ...expectation, mayBeSalvaged: true }),
    )
    if (holder.kind === 'damaged') {
      logger.error({ sweep, key, epoch }, 'the commit is damaged; the spooled result of its epoch is let go')
      await spool.remove(result)
      return false
    }
  }
  const settled = await patiently(patience, () => settleCommitted(atWork, { index, attempt, epoch }))
  if (settled?.open === 0) await ports.merges.ask({ sweep, revision: settled.revision })
  await spool.remove(result)
  logger.info({ sweep, key, epoch, attempt, created }, 'brought home from the spool')
  return true
}

/** undefined when there is no ledger: whoever makes it anew finds the commit in the store. */
async function settleCommitted(
  { ledger }: SweepAtWork,
  committed: { index: number; attempt: string; epoch: number },
): Promise<SettleResult | undefined> {
  try {
    return await ledger.settle({ ...committed, settlement: 'committed' })
  } catch (error) {
    if (isWindrowError(error, 'LEDGER_ABSENT')) return undefined
    throw error
  }
}

function leaveInSpool({ logger }: WorkerPorts, { sweep, key, attempt }: SpooledResult, reason: string): false {
  logger.error(
    { sweep, key, attempt, reason },
    `a spooled result cannot be brought home and stays in the spool: ${reason}`,
  )
  return false
}
