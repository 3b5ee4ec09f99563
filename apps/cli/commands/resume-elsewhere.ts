import { recordAction } from '@windrow/common/accounting/actions.ts'
import { describePause } from '@windrow/common/accounting/pause.ts'
import { describeSetAside } from '@windrow/common/accounting/set-aside.ts'
import { exitStatus } from '../exit-status.ts'
import { describeProducers, warnOfSilentRedis } from '../output/describe-services.ts'
import { endPause } from '../submitting/end-pause.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface ResumeElsewhereOptions extends ContextFlags {
  readonly sweep: string
  /** Everything is wanted again, also what --only left out or an operator cancelled. */
  readonly all?: boolean
  readonly json?: boolean
}

/** `windrow resume SWEEP` where services run already: ends a pause, takes hosts in again that were set aside, with --all wants everything again, and wakes the producers. */
export async function resumeElsewhere(options: ResumeElsewhereOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, clock, randomness, user } = surroundings
  return await withContext(options, surroundings, async ({ store, redis }) => {
    const sweep = await findSweep(store, options.sweep)
    const ended = await endPause(store, sweep, { by: user, now: clock.now(), id: randomness.id() })
    if (options.all) {
      const everything = { sweep, action: 'select' as const, selector: [], by: user }
      await recordAction(store, everything, { now: clock.now(), id: randomness.id() })
    }
    warnOfSilentRedis(redis, terminal)
    const producers = await redis.wake?.(sweep)
    const all = options.all ?? false
    const wasSetAside = ended?.hosts ?? []
    if (options.json)
      terminal.printJson({ sweep, wasPaused: ended?.pause ?? null, wasSetAside, all, producers: producers ?? null })
    else {
      const lines = [
        ended?.pause ? `${sweep} goes on; it was ${describePause(ended.pause)}.` : `${sweep} was not paused.`,
        ...(ended?.hosts ?? []).map((host) => `${describeSetAside(host)}; it takes jobs again.`),
        ...(all ? ['Every configuration of it is wanted again, the cancelled ones too.'] : []),
      ]
      terminal.print(
        `${lines.join('\n')}\n${describeProducers(producers)}To follow it: windrow status ${sweep} --watch\n`,
      )
    }
    return exitStatus.complete
  })
}
