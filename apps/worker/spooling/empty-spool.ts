import { readCommit } from '@windrow/common/commits/read-commit.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { configurationAtWork } from '../steps/expectation.ts'
import { patiently } from '../steps/patience.ts'
import type { WorkerPorts } from '../steps/ports.ts'
import type { SpooledResult } from './spool.ts'

/**
 * Brings home what an earlier run of this worker left in its spool, before anything new is begun: record, commit,
 * settlement, each create-only. Returns how many results it brought home. Throws DrainingError at `shutdown`.
 */
export async function emptySpool(ports: WorkerPorts, shutdown: AbortSignal): Promise<number> {
  const waiting = await ports.spool.waiting()
  for (const result of waiting) await bringHome(result, ports, shutdown)
  return waiting.length
}

async function bringHome(result: SpooledResult, ports: WorkerPorts, shutdown: AbortSignal): Promise<void> {
  const { store, spool, logger } = ports
  const { sweep, key, epoch, attempt, record, bytes } = result
  const patience = { ...ports, shutdown }
  const atWork = await patiently(patience, () => ports.sweepOf(sweep, result.manifest))
  const index = atWork.plan.indexOf(key)
  if (index === undefined) {
    logger.error(
      { sweep, key, attempt },
      'a spooled result belongs to no configuration of its sweep; it stays in the spool',
    )
    return
  }
  const { expectation } = configurationAtWork(atWork, index)
  await patiently(patience, () => store.create(names.attempt(sweep, key, epoch, attempt), encodeRecord(record)))
  const created = await patiently(patience, () => store.create(names.result(sweep, key, epoch), bytes))
  if (created === 'exists') {
    const holder = await patiently(patience, () => readCommit(ports, { sweep, key, epoch }, expectation))
    if (holder.kind === 'damaged') {
      logger.error({ sweep, key, epoch }, 'the commit is damaged; the spooled result of its epoch is let go')
      await spool.remove(result)
      return
    }
  }
  const settled = await patiently(patience, () =>
    atWork.ledger.settle({ index, attempt, epoch, settlement: 'committed' }),
  )
  if (settled.open === 0) await ports.merges.ask({ sweep, revision: settled.revision })
  await spool.remove(result)
  logger.info({ sweep, key, epoch, attempt, created }, 'brought home from the spool')
}
