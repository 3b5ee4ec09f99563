import { readActions, recordAction } from '@windrow/common/accounting/actions.ts'
import { describePause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { exitStatus } from '../exit-status.ts'
import { describeProducers, warnOfSilentRedis } from '../output/describe-services.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface PauseOptions extends ContextFlags {
  readonly sweep: string
  readonly reason?: string
  readonly json?: boolean
}

/**
 * `windrow pause SWEEP`: no attempt begins until it is resumed; those that run run to their end. The store remembers it,
 * so it outlives Redis and every service.
 */
export async function pauseCommand(options: PauseOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, clock, randomness, user } = surroundings
  return await withContext(options, surroundings, async ({ store, redis }) => {
    const sweep = await findSweep(store, options.sweep)
    const before = pauseBy((await readActions(store, sweep)).actions)
    if (!before) {
      const { reason } = options
      const action = { sweep, action: 'pause' as const, selector: [], by: user, ...(reason && { reason }) }
      await recordAction(store, action, { now: clock.now(), id: randomness.id() })
    }
    warnOfSilentRedis(redis, terminal)
    const producers = await redis.wake?.(sweep)
    const pause = pauseBy((await readActions(store, sweep)).actions)
    if (options.json)
      terminal.printJson({ sweep, changed: !before, paused: pause ?? null, producers: producers ?? null })
    else {
      const head = before
        ? `${sweep} is already ${describePause(before)}.`
        : `${sweep} is paused: nothing new begins, what runs runs to its end.`
      terminal.print(`${head}\n${describeProducers(producers)}To let it go on: windrow resume ${sweep}\n`)
    }
    return exitStatus.complete
  })
}
