import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import { isWindrowError, WindrowError } from '../errors/windrow-error.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { awaitRedis } from '../redis/connection.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import { oneAtATime } from '../time/one-at-a-time.ts'
import type { Health } from './health.ts'

/** What the routes tell of. */
export interface ObservedService {
  readonly health: Health
  readonly metrics: Metrics
  readonly redis: Redis
  /** undefined until the service has opened it. */
  readonly store: Store | undefined
  /** Aborted while the service drains. */
  readonly shutdown: AbortSignal
}

/** Probes of Kubernetes give up after a second unless they are told otherwise. */
const patienceMs = 900

/**
 * `/healthz`: the process answers and is well. `/readyz`: Redis and the store answer too, it does not drain, and nothing holds it back.
 * `/metrics`: what Prometheus reads. What is not as it should be is named.
 */
export function healthRoutes(server: FastifyInstance, service: ObservedService): void {
  const { health, metrics, redis, shutdown } = service
  server.get('/healthz', (_request, reply) => {
    const { trouble } = health
    return trouble ? reply.code(503).send({ status: 'unhealthy', ...trouble }) : reply.send({ status: 'ok' })
  })

  const askStore = oneAtATime(async () => void (await openStoreOf(service).folders(names.sweeps)), {
    withinMs: patienceMs,
    late: () => new WindrowError('STORE_UNAVAILABLE', { message: 'the store does not answer' }),
  })
  server.get('/readyz', async (_request, reply) => {
    const [redisState, storeState] = await Promise.all([
      stateOf(() => awaitRedis(redis, patienceMs)),
      stateOf(askStore),
    ])
    const { heldBack } = health
    const isReady = redisState === 'ok' && storeState === 'ok' && !shutdown.aborted && !heldBack
    reply.code(isReady ? 200 : 503)
    return {
      status: isReady ? 'ok' : 'unavailable',
      redis: redisState,
      store: storeState,
      ...(shutdown.aborted && { draining: true }),
      ...heldBack,
    }
  })

  server.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics.scrape()
    return reply.type(contentType).send(text)
  })
}

function openStoreOf({ store }: ObservedService): Store {
  if (store) return store
  throw new WindrowError('STORE_UNAVAILABLE', { message: 'the store is not open yet' })
}

/** Its code only: who asks need not have signed in. */
async function stateOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask()
    return 'ok'
  } catch (error) {
    return isWindrowError(error) ? error.code : 'FAILED'
  }
}
