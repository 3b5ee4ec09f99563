import { type ClusterLeader, describeLeader } from '@windrow/common/cluster/cluster-file.ts'
import { lookForAnotherEveryMs } from '@windrow/common/cluster/leader-connector.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import type { RedisProgram } from '@windrow/common/redis/find-server.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { exitStatus } from '../exit-status.ts'
import { bringHome } from './bring-home.ts'
import { refuseUnknownOptimizer } from './check-optimizer.ts'
import { followInRedis } from './follow-in-redis.ts'
import { listenForInterruption } from './interruption.ts'
import { awaitNoLeader, type ClusterLead, leadCluster } from './lead-cluster.ts'
import { type Listening, placeRedis } from './listening.ts'
import { type LocalServices, startLocalServices } from './local-services.ts'
import { createProgress, type Progress } from './progress-line.ts'
import { sayPausedItself } from './say-paused-itself.ts'

export interface RunOptions {
  readonly context: Context
  readonly store: Store
  readonly submitted: SubmittedSweep
  /** The newest action of the one who runs it: a producer that has heeded it knows what is wanted. */
  readonly action?: string | undefined
  /** Names the span of the submission, when it is traced. */
  readonly trace?: string | undefined
  /** Where the merged file goes. */
  readonly output: string
  readonly workers: number
  /** Takes in workers of other hosts. */
  readonly listening?: Listening
  /** A sweep that nobody can be running yet: there is nothing to adopt. */
  readonly isNew: boolean
  readonly concurrency?: number
  readonly optimizersFile?: string | undefined
  readonly json: boolean
  /** How the user calls `windrow` from where he is. */
  readonly command: string
  /** The name of this host. */
  readonly hostName: string
  readonly environment: NodeJS.ProcessEnv
  readonly findRedis: () => Promise<RedisProgram>
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/**
 * Runs a submitted sweep until everything is settled and merged, on this machine and whoever joins it, brings the file home,
 * and says how it went; one that pauses itself ends with status 2. The first Ctrl-C drains (status 4, resumable), the second stops now (130).
 */
export async function runSweep(options: RunOptions): Promise<number> {
  const { store, submitted, stderr } = options
  const sweep = submitted.plan.sweep
  await refuseUnknownOptimizer(submitted.plan.specification.optimizer.name, options.optimizersFile)
  const progress = createProgress({ output: stderr, now: () => Date.now() })
  const services = await startServices(options, progress)
  const interruption = listenForInterruption(
    () => progress.say('Draining: running attempts are handed back unspent. Ctrl-C again stops now.'),
    () => {
      services.kill()
      process.exit(exitStatus.stopped)
    },
  )
  let lead: ClusterLead | undefined
  try {
    lead = await takeLead(options, services, progress)
    const drain = lead ? AbortSignal.any([interruption.drain, lead.lost]) : interruption.drain
    const { plan, policy } = submitted
    const followed = { store, sweep, manifest: plan.manifest, action: options.action, badHost: policy.badHost }
    const end = await Promise.race([
      followInRedis({ redisUrl: services.redisUrl, ...followed }, { progress, signal: drain }),
      services.failed,
    ])
    progress.end()
    await services.stop(lead?.release)
    if (!end) return sayHowToResume(options)
    const { stdout } = options
    const print = (text: string) => void stdout.write(text)
    const say = (line: string) => void stderr.write(`${line}\n`)
    if ('pausedItself' in end) return sayPausedItself({ ...options, sweep, pause: end.pausedItself, print, say })
    return await bringHome({ ...options, print, say })
  } catch (error) {
    progress.end()
    await services.stop(lead?.release)
    throw error
  } finally {
    interruption.dispose()
  }
}

async function startServices(options: RunOptions, progress: Progress): Promise<LocalServices> {
  const { context, submitted, listening } = options
  if (listening) await awaitNoLeader(context.store, options.hostName, { clock: systemClock, say: progress.say })
  return await startLocalServices({
    directory: context.directory,
    storeUrl: context.store,
    redisUrl: context.redis,
    findRedis: options.findRedis,
    ...(listening && {
      listen: await placeRedis(listening),
      // Workers whose last leader vanished without a word say what they run no sooner, however short their beat.
      beatMs: Math.max(listening.beatMs, lookForAnotherEveryMs),
    }),
    adopt: !options.isNew && (listening !== undefined || context.redis !== undefined),
    environment: options.environment,
    sweep: submitted.plan.sweep,
    trace: options.trace,
    workers: options.workers,
    concurrency: options.concurrency,
    optimizersFile: options.optimizersFile,
    say: progress.say,
  })
}

/** Tells workers of other hosts where to find this run, when it listens for them. */
async function takeLead(
  { context, submitted, listening, hostName }: RunOptions,
  { redisUrl }: LocalServices,
  { say }: Progress,
): Promise<ClusterLead | undefined> {
  if (!listening) return undefined
  const leader: ClusterLeader = {
    schema: 1,
    id: systemRandomness.id(),
    redis: redisUrl,
    host: hostName,
    pid: process.pid,
    sweep: submitted.plan.sweep,
    startedAt: new Date(systemClock.now()).toISOString(),
  }
  const lead = await leadCluster(context.store, leader, { clock: systemClock, say })
  say(`This is ${describeLeader(leader)}. Workers join with: windrow worker --store ${context.store}`)
  return lead
}

function sayHowToResume({ submitted, stderr, command, listening, context }: RunOptions): number {
  const cluster = listening ? ` --listen --store ${context.store}` : ''
  stderr.write(`Drained; what is committed is safe. Go on with: ${command} resume ${submitted.plan.sweep}${cluster}\n`)
  return exitStatus.drained
}
