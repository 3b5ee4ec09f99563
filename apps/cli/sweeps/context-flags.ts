import { type Context, resolveContext } from '@windrow/common/configuration/context.ts'
import { isWindrowError, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ReachedRedis, reachRedis } from './reach-redis.ts'

/** The flags by which every command finds its store and Redis. */
export interface ContextFlags {
  readonly store?: string
  readonly redis?: string
  readonly dir?: string
}

/** The context of a command: its flags, else the environment, else the nearest `.windrow`. */
export async function contextOf({ store, redis, dir }: ContextFlags, surroundings: Surroundings): Promise<Context> {
  const { environment, workingDirectory, host } = surroundings
  return await resolveContext({
    flags: { ...(store && { store }), ...(redis && { redis }), ...(dir && { dir }) },
    environment: {
      ...(environment.WINDROW_STORE && { WINDROW_STORE: environment.WINDROW_STORE }),
      ...(environment.WINDROW_REDIS_URL && { WINDROW_REDIS_URL: environment.WINDROW_REDIS_URL }),
    },
    workingDirectory,
    host,
  })
}

/** Store and Redis of a context, as far as they can be reached. */
export interface OpenContext {
  readonly context: Context
  readonly store: Store
  readonly redis: ReachedRedis
}

/** Opens the context for `body` and closes it after. Throws STORE_UNAVAILABLE when there is no store; Redis may be away. */
export async function withContext<Outcome>(
  flags: ContextFlags,
  surroundings: Surroundings,
  body: (open: OpenContext) => Promise<Outcome>,
): Promise<Outcome> {
  const context = await contextOf(flags, surroundings)
  const store = await openStore(context.store).catch((error: unknown) => {
    const mayBeElsewhere = context.local && context.store.startsWith('file:')
    throw mayBeElsewhere && isWindrowError(error, 'STORE_UNAVAILABLE') ? nothingHere(context, error) : error
  })
  const redis = await reachRedis(context.redis)
  try {
    return await body({ context, store, redis })
  } finally {
    redis.close()
  }
}

function nothingHere({ store, directory }: Context, error: WindrowError): WindrowError {
  return new WindrowError('STORE_UNAVAILABLE', {
    message: error.message,
    cause: error,
    context: { store, directory: directory.root },
    next: 'Run `windrow run SPEC` here, go to the folder where it ran, or name the store with --store or --dir.',
  })
}
