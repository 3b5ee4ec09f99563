import { spawn } from 'node:child_process'
import { leaderUrl } from '@windrow/common/cluster/leader-url.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { type ServiceName, serviceArguments } from '../running/service-process.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, contextOf } from '../sweeps/context-flags.ts'

export interface ServiceOptions extends ContextFlags {
  readonly service: ServiceName
  /** Flags of the service itself, passed through. */
  readonly args: readonly string[]
}

/**
 * `windrow producer | worker | merger`: runs the service in the foreground, on the store and Redis of the context, which
 * go to it in its environment (a command line shows passwords). SIGTERM and SIGINT are passed on; its exit status is ours.
 */
export async function serviceCommand(options: ServiceOptions, surroundings: Surroundings): Promise<number> {
  const context = await contextOf(options, surroundings)
  const { store } = context
  const redis = redisOf(context, options, surroundings)
  // Its standard input is ours to close: the service drains when this process is gone, however it went.
  const child = spawn(process.execPath, serviceArguments(options.service, options.args), {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...surroundings.environment, WINDROW_STORE: store, WINDROW_REDIS_URL: redis },
  })
  const signals = ['SIGTERM', 'SIGINT'] as const
  // A terminal sends SIGINT to the child as well; a service takes the second one for the first.
  const forward = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  try {
    return await statusOf(child, options.service)
  } finally {
    for (const signal of signals) process.off(signal, forward)
  }
}

/** A worker whose store was named waits for whoever leads a cluster there. */
function redisOf({ redis, store }: Context, options: ServiceOptions, { environment }: Surroundings): string {
  if (redis !== undefined) return redis
  const storeNamed = (options.store ?? environment.WINDROW_STORE) !== undefined
  if (options.service === 'worker' && storeNamed && store.startsWith('file:')) return leaderUrl(store)
  throw new WindrowError('USAGE', {
    message: `A ${options.service} needs a Redis, and none is running here.`,
    next: 'Name it with --redis or WINDROW_REDIS_URL, or use `windrow run`, which starts its own; workers of other hosts join `windrow run SPEC --listen` with --store.',
  })
}

const signalNumbers: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

function statusOf(child: ReturnType<typeof spawn>, service: ServiceName): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new WindrowError('PROCESS_FAILED', {
          message: `The ${service} could not be started: ${messageOf(cause)}`,
          cause,
        }),
      ),
    )
    child.once('exit', (status, signal) => resolve(status ?? 128 + (signalNumbers[signal ?? ''] ?? 0)))
  })
}
