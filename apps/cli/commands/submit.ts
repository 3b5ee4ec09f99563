import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { describePause } from '@windrow/common/accounting/pause.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { exitStatus } from '../exit-status.ts'
import { describeProducers, warnOfSilentRedis } from '../output/describe-services.ts'
import { bringHome } from '../running/bring-home.ts'
import { followInRedis } from '../running/follow-in-redis.ts'
import { listenForInterruption } from '../running/interruption.ts'
import { checkOutputPath } from '../running/output-path.ts'
import { createProgress } from '../running/progress-line.ts'
import { sayPausedItself } from '../running/say-paused-itself.ts'
import {
  type CheckedSpecification,
  checkSpecification,
  describeEntered,
  describeOtherNumerics,
  type EnteredSweep,
  type GivenSpecification,
} from '../submitting/enter-sweep.ts'
import { enterTraced, type TracedEntry } from '../submitting/enter-traced.ts'
import type { Surroundings } from '../surroundings.ts'
import { reachRedis } from '../sweeps/reach-redis.ts'
import { type CommandHost, openForWriting } from './run.ts'

export interface SubmitOptions extends GivenSpecification {
  readonly context: Context
  readonly dryRun: boolean
  /** Follow it until it is settled, and bring the file to `output`. */
  readonly wait: boolean
  readonly output: string
  readonly json: boolean
  readonly host: CommandHost
}

/**
 * `windrow submit SPEC`: enters the specification into the store of the context and wakes the producers, which run
 * elsewhere; none needs to be running now. With --wait it follows the sweep and ends as `run` does.
 */
export async function submitCommand(options: SubmitOptions, surroundings: Surroundings): Promise<number> {
  const checked = await checkSpecification(options)
  if (options.dryRun) return describeDryRun(checked, options, surroundings)
  if (options.wait) refuseToWaitForNobody(options)
  const store = await openForWriting(options.context, { create: true })
  if (options.wait) await checkOutputPath(options.output, await readGenerations(store, checked.specification.name))
  const traced = await enterTraced(store, checked, options.host)
  const { entered } = traced
  const producers = await wake(traced, options, surroundings)
  report(entered, { producers, store }, options, surroundings)
  return options.wait ? await wait({ entered, store }, options, surroundings) : exitStatus.complete
}

async function wake({ entered, trace }: TracedEntry, { context, host }: SubmitOptions, { terminal }: Surroundings) {
  const redis = await reachRedis(context.redis)
  try {
    const numerics = describeOtherNumerics(entered, host)
    if (numerics !== undefined) terminal.say(numerics)
    warnOfSilentRedis(redis, terminal)
    for (const { message } of redis.findings) terminal.say(`warning: ${message}`)
    return await redis.wake?.(entered.submitted.plan.sweep, trace)
  } finally {
    redis.close()
  }
}

/** With --wait and --json the one document is that of the end. */
function report(
  entered: EnteredSweep,
  { producers, store }: { producers: number | undefined; store: Store },
  { json, wait, context }: SubmitOptions,
  { terminal }: Surroundings,
): void {
  const { submitted, outcome, added, selected, pause } = entered
  const { sweep, total, manifest } = submitted.plan
  const services = describeProducers(producers)
  const lines = [
    describeEntered(entered),
    ...(pause ? [`It is ${describePause(pause)}: windrow resume ${sweep} lets it go on.`] : []),
  ]
  if (wait) terminal.say([...lines, services].join('\n').trimEnd())
  else if (json) {
    const facts = { sweep, outcome, added, total, selected, manifest, store: store.url }
    terminal.printJson({ ...facts, producers: producers ?? null, ...(pause && { paused: pause }) })
  } else {
    const here = context.redis === undefined ? `To run it here: windrow resume ${sweep}\n` : ''
    const follow = `To follow it: windrow status ${sweep} --watch\nTo bring the file home: windrow download ${sweep}\n`
    terminal.print(`${lines.join('\n')}\n${services}${here}${follow}`)
  }
}

/** The first Ctrl-C ends the waiting only: the sweep goes on elsewhere. */
async function wait(
  { entered, store }: { entered: EnteredSweep; store: Store },
  { context, host, output, json }: SubmitOptions,
  { terminal }: Surroundings,
): Promise<number> {
  const { submitted, action } = entered
  const { sweep, manifest } = submitted.plan
  const { command } = host
  const { badHost } = submitted.policy
  const progress = createProgress({ output: host.stderr, now: () => Date.now() })
  const interruption = listenForInterruption(
    () => progress.say('No longer waiting; the sweep goes on.'),
    () => process.exit(exitStatus.stopped),
  )
  try {
    const followed = { redisUrl: context.redis!, store, sweep, manifest, action, badHost }
    const end = await followInRedis(followed, { progress, signal: interruption.drain })
    progress.end()
    const said = { json, print: terminal.print, say: terminal.say, command }
    if (end && 'pausedItself' in end) return sayPausedItself({ ...said, sweep, pause: end.pausedItself })
    if (end) return await bringHome({ ...said, store, submitted, output })
    terminal.say(`Follow it with: windrow status ${sweep} --watch\nBring its file home with: windrow download ${sweep}`)
    return exitStatus.drained
  } finally {
    progress.end()
    interruption.dispose()
  }
}

function refuseToWaitForNobody({ context }: SubmitOptions): void {
  if (context.redis !== undefined) return
  throw new WindrowError('USAGE', {
    message: '--wait needs the Redis of the services, and none is named.',
    next: 'Name it with --redis or WINDROW_REDIS_URL, or use `windrow run`, which starts its own services.',
  })
}

function describeDryRun(
  { specification, total, selected, firstKeys }: CheckedSpecification,
  { json }: SubmitOptions,
  { terminal }: Surroundings,
): number {
  const sweep = specification.name
  if (json) terminal.printJson({ sweep, total, selected, firstKeys, specification })
  else {
    const keys = `${firstKeys.join(', ')}, ...`
    terminal.print(
      `${sweep}: ${selected} of ${total} configurations would be submitted, ${keys}\nNothing was done (--dry-run).\n`,
    )
  }
  return exitStatus.complete
}
