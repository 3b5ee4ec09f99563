import { outOf } from '@windrow/common/status/counts.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { type CancelOutcome, cancelConfigurations } from '../cancelling/cancel-configurations.ts'
import { exitStatus } from '../exit-status.ts'
import { warnOfSilentRedis } from '../output/describe-services.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface CancelOptions extends ContextFlags {
  readonly sweep: string
  readonly selector: readonly string[]
  readonly reason?: string
  readonly json?: boolean
}

/**
 * `windrow cancel SWEEP [SELECTOR]`: what is open of the selection will not be run. It is on record in the store, where
 * the services find it also when Redis does not answer now.
 */
export async function cancelCommand(options: CancelOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, clock, randomness, user } = surroundings
  return await withContext(options, surroundings, async ({ store, redis }) => {
    const { plan } = await createSweepReader(store).read(await findSweep(store, options.sweep))
    const outcome = await cancelConfigurations({
      store,
      ledger: redis.ledgerOf?.(plan.sweep),
      plan,
      selector: options.selector,
      reason: options.reason,
      actor: { who: user, now: clock.now() },
      actionId: randomness.id(),
    })
    warnOfSilentRedis(redis, terminal)
    if (outcome.cancelled > 0) await redis.wake?.(plan.sweep)
    if (options.json) terminal.printJson({ sweep: plan.sweep, ...outcome })
    else terminal.print(`${describe(outcome, plan.sweep)}\n`)
    return exitStatus.complete
  })
}

function describe(outcome: CancelOutcome, sweep: string): string {
  const { total, selected, cancelled, running, alreadyCancelled, committed, dead } = outcome
  const of = (count: number) => outOf(count, selected)
  const lines = [
    `${sweep}: ${outOf(selected, total)} configurations selected`,
    `  ${of(cancelled)} open: cancelled`,
    ...(running > 0 ? [`    of them ${running} running: each stops at the next beat, unless it commits first`] : []),
    ...(alreadyCancelled > 0 ? [`  ${of(alreadyCancelled)} cancelled already or not selected`] : []),
    ...(committed > 0 ? [`  ${of(committed)} committed: left alone`] : []),
    ...(dead > 0 ? [`  ${of(dead)} dead or quarantined: left alone`] : []),
  ]
  if (cancelled === 0) return [...lines, 'Nothing was changed.'].join('\n')
  const again = `windrow rerun ${sweep} state=cancelled, or windrow resume ${sweep} --all for everything`
  return [...lines, `A merge calls them missing. To want them again: ${again}`].join('\n')
}
