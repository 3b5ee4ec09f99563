import { closeDamagedCommit, recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { readCommit } from '@windrow/common/commits/read-commit.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import type { ExpectedConfiguration } from '@windrow/common/merging/account.ts'
import type { Plan } from '@windrow/common/sweep/plan.ts'
import type { MergerPorts } from './make-generation.ts'

/**
 * Closes the epochs of commits that a merge found damaged or gone, so that their configurations run again. Each is read
 * afresh first: a store may answer wrongly once, and then nothing is closed. Returns how many were.
 */
export async function closeDamagedCommits(
  plan: Plan,
  { ledger, ports, damaged }: { ledger: Ledger; ports: MergerPorts; damaged: readonly ExpectedConfiguration[] },
): Promise<number> {
  let closed = 0
  for (const row of damaged) {
    const address = { sweep: plan.sweep, key: row.key, epoch: row.epoch }
    const actor = { who: ports.merger, host: ports.host, now: ports.clock.now() }
    const reading = await readCommit(ports, address, { key: row.key, configurationDigest: plan.digestAt(row.index) })
    if (reading.kind === 'valid') continue
    const reason = reading.kind === 'absent' ? 'the commit is gone from the store' : reading.verdict.detail
    ports.logger.error({ ...address, reason }, 'a commit does not verify; its configuration runs again')
    if (reading.kind === 'damaged') await closeDamagedCommit(ports.store, { ...address, ...reading }, actor)
    else await recordReopening(ports.store, address, { ...actor, reason })
    await ledger.reopen({ index: row.index, epoch: row.epoch })
    closed++
  }
  return closed
}
