import { recordAction } from '@windrow/common/accounting/actions.ts'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { lockDirectory } from '../running/directory-lock.ts'
import { checkOutputPath } from '../running/output-path.ts'
import { runSweep } from '../running/run-sweep.ts'
import { type LocalRunOptions, openForWriting, resumePaused } from './run.ts'

export interface ResumeOptions extends LocalRunOptions {
  readonly sweep: string
  /** Everything is wanted again, also what --only left out or an operator cancelled. */
  readonly all?: boolean
}

/** `windrow resume SWEEP`: runs what is open of a sweep that the store holds, and merges. Needs no specification file. */
export async function resumeSweep(options: ResumeOptions): Promise<number> {
  const { context, host, sweep } = options
  const unlock = await lockDirectory(context.directory.lock, process.pid)
  try {
    const store = await openForWriting(context, { create: false })
    const submitted = await createSweepReader(store).readNewest(sweep)
    await checkOutputPath(options.output, await readGenerations(store, sweep))
    host.stderr.write(`${sweep}: resuming; ${submitted.plan.total} configurations\n`)
    let action = await resumePaused(store, sweep, host)
    if (options.all) {
      const everything = { sweep, action: 'select' as const, selector: [], by: host.user }
      action = await recordAction(store, everything, { now: systemClock.now(), id: systemRandomness.id() })
    }
    return await runSweep({ ...options, ...host, store, submitted, action, isNew: false })
  } finally {
    await unlock()
  }
}
