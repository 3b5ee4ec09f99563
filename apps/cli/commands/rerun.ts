import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { outOf } from '@windrow/common/status/counts.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { firstCells } from '../output/csv.ts'
import { type RerunOutcome, rerunConfigurations } from '../rerun/rerun-configurations.ts'
import { checkOutputPath } from '../running/output-path.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface RerunOptions extends ContextFlags {
  readonly sweep: string
  readonly selector: readonly string[]
  readonly from?: string
  readonly force?: boolean
  readonly reason?: string
  /** False: only record it; a later `resume` runs it. */
  readonly resume: boolean
  readonly json?: boolean
  /** Where the merged file goes when it runs here. */
  readonly output: string
  /** Runs what is open, here and now; its status is the command's. */
  readonly runHere: (sweep: string) => Promise<number>
}

/**
 * `windrow rerun SWEEP [SELECTOR]`: opens the next epoch of what is dead, then runs it here (a local context) or wakes the
 * producer (services run elsewhere). With --json and something to run here, the document is that of the run.
 */
export async function rerunCommand(options: RerunOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, clock, randomness, user, host } = surroundings
  const { outcome, sweep, next } = await withContext(options, surroundings, async ({ store, redis, context }) => {
    const { plan } = await createSweepReader(store).read(await findSweep(store, options.sweep))
    // Without its ledger a Redis elsewhere would go on with the old epochs.
    if (redis.failed) throw new WindrowError('REDIS_UNAVAILABLE', { message: redis.why ?? 'Redis does not answer.' })
    const mayRunHere = options.resume && context.local && context.redis === undefined
    if (mayRunHere) await checkOutputPath(options.output, await readGenerations(store, plan.sweep))
    const rerun = await rerunConfigurations({
      store,
      ledger: redis.ledgerOf?.(plan.sweep),
      plan,
      selector: options.selector,
      from: await readKeys(options.from, surroundings),
      force: forceOf(options),
      reason: options.reason,
      actor: { who: user, host, now: clock.now() },
      actionId: randomness.id(),
    })
    const somethingToDo = changedBy(rerun) > 0
    if (somethingToDo) await redis.wake?.(plan.sweep)
    const next = somethingToDo && mayRunHere ? ('run' as const) : ('leave' as const)
    return { outcome: rerun, sweep: plan.sweep, next }
  })
  const text = describe(outcome, sweep)
  if (next === 'run') {
    terminal.say(text)
    return await options.runHere(sweep)
  }
  if (options.json) terminal.printJson({ sweep, ...outcome })
  else terminal.print(`${text}\n${hintOf(outcome, options, sweep)}`)
  return exitStatus.complete
}

/** `--force` and `--reason` come together, so that every thrown-away result has a reason in the store. */
function forceOf({ force, reason }: RerunOptions): { reason: string } | undefined {
  if (!force) return undefined
  if (reason) return { reason }
  throw new WindrowError('USAGE', {
    message: '--force runs committed configurations again and needs --reason.',
    next: 'Say why with --reason "...": it is recorded with every epoch that is closed.',
  })
}

async function readKeys(path: string | undefined, { workingDirectory }: Surroundings) {
  if (path === undefined) return undefined
  const file = resolve(workingDirectory, path)
  try {
    const [first, ...rest] = firstCells(await readFile(file, 'utf8'))
    const keys = first === undefined || first === 'key' ? rest : [first, ...rest]
    return { name: basename(file), keys: [...new Set(keys)] }
  } catch (cause) {
    throw new WindrowError('FILE_UNREADABLE', { message: `${file} cannot be read: ${messageOf(cause)}`, cause })
  }
}

function describe(outcome: RerunOutcome, sweep: string): string {
  const { total, selected, reopened, forced, committed, open, cancelled, wantedAgain } = outcome
  const of = (count: number) => outOf(count, selected)
  const parts = [
    `${of(reopened)} dead or quarantined: reopened with all attempts`,
    ...(forced > 0 ? [`${of(forced)} committed: closed, to run again`] : []),
    ...(committed > 0 ? [`${of(committed)} committed: left alone`] : []),
    ...(open > 0 ? [`${of(open)} open already: left alone`] : []),
    ...(wantedAgain > 0 ? [`${of(wantedAgain)} cancelled: wanted again`] : []),
    ...(cancelled > 0 ? [`${of(cancelled)} cancelled or not selected: left alone; state=cancelled asks for them`] : []),
  ]
  return [`${sweep}: ${outOf(selected, total)} configurations selected`, ...parts.map((part) => `  ${part}`)].join('\n')
}

const changedBy = ({ reopened, forced, wantedAgain }: RerunOutcome) => reopened + forced + wantedAgain

function hintOf(outcome: RerunOutcome, { resume }: RerunOptions, sweep: string): string {
  if (changedBy(outcome) === 0) return 'Nothing was changed.\n'
  return resume ? 'The running services take it from here.\n' : `Recorded. Run it with: windrow resume ${sweep}\n`
}
