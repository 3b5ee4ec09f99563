import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger, LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { outOf } from '@windrow/common/status/counts.ts'
import { exitStatus } from '../exit-status.ts'
import { listenForInterruption } from '../running/interruption.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'
import type { ReachedRedis } from '../sweeps/reach-redis.ts'

export interface MergeSweepOptions extends ContextFlags {
  readonly sweep: string
  readonly json?: boolean
}

const lookEveryMs = 250

/**
 * `windrow merge SWEEP`: asks the mergers of the context for a merge of what is committed by now, waits for it, and tells
 * the generation. 0 when it is complete, 2 when it is short of more than the tolerance, or commits were found damaged and
 * run again; 4 when Ctrl-C ended the waiting.
 */
export async function mergeSweepCommand(options: MergeSweepOptions, surroundings: Surroundings): Promise<number> {
  return await withContext(options, surroundings, async ({ store, redis }) => {
    const sweep = await findSweep(store, options.sweep)
    const outcome = await askAndWait(sweep, redis, surroundings)
    if (outcome === 'interrupted') {
      surroundings.terminal.say(`No longer waiting; the merge goes on. See it with: windrow status ${sweep}`)
      return exitStatus.drained
    }
    if (outcome === 'reopened') {
      surroundings.terminal.say('Commits were found damaged: their configurations run again, and a merge follows.')
      return exitStatus.incomplete
    }
    const newest = (await readGenerations(store, sweep)).at(-1)
    if (!newest) throw noGeneration(sweep)
    if (options.json) surroundings.terminal.printJson({ sweep, fresh: outcome === 'merged', generation: newest })
    else surroundings.terminal.print(describe(newest, outcome === 'merged'))
    return newest.complete ? exitStatus.complete : exitStatus.incomplete
  })
}

/** `current`: the newest generation holds all there is already. */
type Waited = 'merged' | 'current' | 'reopened' | 'interrupted'

async function askAndWait(sweep: string, redis: ReachedRedis, { terminal, clock }: Surroundings): Promise<Waited> {
  const { ledgerOf, askForMerge } = redis
  if (!ledgerOf || !askForMerge) throw noServices(sweep, redis.why)
  const ledger = ledgerOf(sweep)
  const before = await summaryOf(ledger)
  if (before.counts.committed === 0) throw noGeneration(sweep)
  if (before.mergedRevision >= before.revision) return 'current'
  await askForMerge({ sweep, revision: before.revision })
  terminal.say(`Asked for a merge of ${before.counts.committed} results; waiting for a merger.`)
  const interruption = listenForInterruption(
    () => {},
    () => process.exit(exitStatus.stopped),
  )
  try {
    while (!interruption.drain.aborted) {
      const now = await summaryOf(ledger)
      if (now.instance !== before.instance || now.mergedRevision >= before.revision) return 'merged'
      if (now.counts.committed < before.counts.committed) return 'reopened'
      await clock.sleep(lookEveryMs, interruption.drain)
    }
    return 'interrupted'
  } finally {
    interruption.dispose()
  }
}

async function summaryOf(ledger: Ledger): Promise<LedgerSummary> {
  const summary = await ledger.summary()
  if (summary) return summary
  throw new WindrowError('LEDGER_ABSENT', { message: `Redis holds no ledger of ${ledger.sweep}.` })
}

function describe(generation: Generation, isFresh: boolean): string {
  const { number, sweep, merged, expected, complete, files } = generation
  const head = isFresh ? `generation ${number} of ${sweep}` : `generation ${number} of ${sweep} holds all there is`
  const whole = complete ? 'complete' : 'not complete'
  return `${head}: ${outOf(merged, expected)} merged, ${whole}\n  sha256 ${files.layouts.sha256}\nTo bring the file home: windrow download ${sweep}${complete ? '' : ` --generation ${number}`}\n`
}

function noServices(sweep: string, why: string | undefined): WindrowError {
  return new WindrowError('REDIS_UNAVAILABLE', {
    message: `Nobody can be asked for a merge of ${sweep}: ${why ?? 'no Redis was reached'}.`,
    context: { sweep },
    next: `Start the services, or run windrow resume ${sweep} here, which merges at its end.`,
  })
}

function noGeneration(sweep: string): WindrowError {
  return new WindrowError('MERGE_NOTHING', {
    message: `No configuration of ${sweep} is committed; there is nothing to merge.`,
    context: { sweep },
  })
}
