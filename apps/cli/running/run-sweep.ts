import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { readSelection } from '@windrow/common/accounting/selection.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { currentOutages } from '@windrow/common/ledger/outages.ts'
import { hasPassed } from '@windrow/common/ledger/passes.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import type { RedisProgram } from '@windrow/common/redis/find-server.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { exitStatus } from '../exit-status.ts'
import { refuseUnknownOptimizer } from './check-optimizer.ts'
import { deliver, removeSuperseded } from './deliver.ts'
import { followSweep } from './follow-sweep.ts'
import { listenForInterruption } from './interruption.ts'
import { type LocalServices, startLocalServices } from './local-services.ts'
import { partialPath } from './output-path.ts'
import { createProgress, type Progress } from './progress-line.ts'
import { readAepTable, renderSummary } from './summary.ts'

export interface RunOptions {
  readonly context: Context
  readonly store: Store
  readonly submitted: SubmittedSweep
  /** Where the merged file goes. */
  readonly output: string
  readonly workers: number
  readonly concurrency?: number
  readonly optimizersFile?: string
  readonly json: boolean
  /** How the user calls `windrow` from where he is. */
  readonly command: string
  readonly environment: NodeJS.ProcessEnv
  readonly findRedis: () => Promise<RedisProgram>
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/**
 * Runs a submitted sweep on this machine until everything is settled and merged, brings the file home, and says how it
 * went. The first Ctrl-C drains (status 4, resumable), the second stops now (130).
 */
export async function runSweep(options: RunOptions): Promise<number> {
  const { context, submitted, stderr } = options
  const sweep = submitted.plan.sweep
  await refuseUnknownOptimizer(submitted.plan.specification.optimizer.name, options.optimizersFile)
  const progress = createProgress({ output: stderr, now: () => Date.now() })
  const services = await startLocalServices({
    directory: context.directory,
    storeUrl: context.store,
    redisUrl: context.redis,
    findRedis: options.findRedis,
    environment: options.environment,
    sweep,
    workers: options.workers,
    concurrency: options.concurrency,
    optimizersFile: options.optimizersFile,
    say: progress.say,
  })
  const interruption = listenForInterruption(
    () => progress.say('Draining: running attempts are handed back unspent. Ctrl-C again stops now.'),
    () => {
      services.kill()
      process.exit(exitStatus.stopped)
    },
  )
  try {
    const settled = await Promise.race([
      follow(sweep, services, { progress, signal: interruption.drain }),
      services.failed,
    ])
    progress.end()
    await services.stop()
    if (!settled) return sayHowToResume(options)
    return await bringHome(options)
  } catch (error) {
    progress.end()
    await services.stop()
    throw error
  } finally {
    interruption.dispose()
  }
}

const redisPatienceMs = 3_000

async function follow(
  sweep: string,
  services: LocalServices,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<LedgerSummary | undefined> {
  const client = connectRedis(services.redisUrl)
  try {
    return await followSweep({
      ledger: openRedisLedger(client, sweep),
      reconciled: async () => {
        // A command waits for as long as Redis is away, and nobody would hear why.
        await awaitRedis(client, redisPatienceMs)
        return await hasPassed(client, sweep)
      },
      outages: () => currentOutages(client, systemClock.now()),
      clock: systemClock,
      everyMs: 250,
      onProgress: progress.show,
      onOutage: (reason) => progress.say(reason ? `Waiting: ${reason} Nothing is lost meanwhile.` : 'Going on.'),
      signal,
    })
  } finally {
    client.disconnect()
  }
}

function sayHowToResume({ submitted, stderr, command }: RunOptions): number {
  stderr.write(`Drained; what is committed is safe. Go on with: ${command} resume ${submitted.plan.sweep}\n`)
  return exitStatus.drained
}

/** Delivers the generation and tells the outcome: complete, or complete as far as it was selected, else short of it. */
async function bringHome(options: RunOptions): Promise<number> {
  const { store, submitted, output, stdout, stderr, json, command } = options
  const { plan } = submitted
  const generations = await readGenerations(store, plan.sweep)
  const generation = generations.at(-1)
  const { cells } = await readStatesInStore(store, plan)
  // There may be an earlier generation: what it holds has been thrown away since, and its place taken by nothing.
  if (!generation || committedIn(cells) === 0) {
    const next = `See why with: ${command} status ${plan.sweep}`
    stderr.write(
      `None of the ${plan.total} configurations of ${plan.sweep} came to a result; there is no file. ${next}\n`,
    )
    return exitStatus.incomplete
  }
  const wanted = await readSelection(store, plan)
  const selected = wanted ? indicesOf(plan).filter(wanted).length : plan.total
  const isWhole = generation.complete || (wanted !== undefined && holdsAll(plan, cells, wanted))
  const fulfilled = isWhole && accountsFor(generation, cells)
  const target = fulfilled ? output : partialPath(output)
  await deliver(store, generation, { target, generations })
  if (fulfilled) await removeSuperseded(partialPath(output), generations)
  const rows = await readAepTable(target, groupingFields(plan.specification.key))
  if (json)
    stdout.write(
      `${JSON.stringify({ sweep: plan.sweep, fulfilled, selected, path: target, generation, rows }, null, 2)}\n`,
    )
  else stdout.write(`${renderSummary({ sweep: plan.sweep, generation, rows, path: target, selected, command })}\n`)
  return fulfilled ? exitStatus.complete : exitStatus.incomplete
}

/** Every configuration that was selected is committed, so the newest merge holds it. */
function holdsAll(plan: { total: number }, cells: Uint8Array, wanted: (index: number) => boolean): boolean {
  return indicesOf(plan).every((index) => !wanted(index) || stateOfCell(cells[index]!) === 'committed')
}

/** Whether the generation is of what the store holds now: no exit status 0 rests on the ledger alone. */
function accountsFor({ expected, merged }: Generation, cells: Uint8Array): boolean {
  return expected === cells.length && merged === committedIn(cells)
}

const committedIn = (cells: Uint8Array) => cells.filter((cell) => stateOfCell(cell) === 'committed').length

const indicesOf = ({ total }: { total: number }) => Array.from({ length: total }, (_, index) => index)

/** The summary has a line for each combination of the key's fields but the last, which is the seed in most sweeps. */
function groupingFields(keyPattern: string): string[] {
  const fields = [...keyPattern.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
  return fields.length > 1 ? fields.slice(0, -1) : fields
}
