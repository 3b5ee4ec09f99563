import type { Context } from '@windrow/common/configuration/context.ts'
import type { RedisProgram } from '@windrow/common/redis/find-server.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { bringHome } from './bring-home.ts'
import { refuseUnknownOptimizer } from './check-optimizer.ts'
import { followInRedis } from './follow-in-redis.ts'
import { listenForInterruption } from './interruption.ts'
import { startLocalServices } from './local-services.ts'
import { createProgress } from './progress-line.ts'

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
  readonly concurrency?: number
  readonly optimizersFile?: string | undefined
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
  const { context, store, submitted, stderr } = options
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
    trace: options.trace,
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
      followInRedis(
        { redisUrl: services.redisUrl, store, sweep, manifest: submitted.plan.manifest, action: options.action },
        { progress, signal: interruption.drain },
      ),
      services.failed,
    ])
    progress.end()
    await services.stop()
    if (!settled) return sayHowToResume(options)
    const { stdout } = options
    const print = (text: string) => void stdout.write(text)
    return await bringHome({ ...options, print, say: (line) => void stderr.write(`${line}\n`) })
  } catch (error) {
    progress.end()
    await services.stop()
    throw error
  } finally {
    interruption.dispose()
  }
}

function sayHowToResume({ submitted, stderr, command }: RunOptions): number {
  stderr.write(`Drained; what is committed is safe. Go on with: ${command} resume ${submitted.plan.sweep}\n`)
  return exitStatus.drained
}
