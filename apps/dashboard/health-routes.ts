import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { awaitRedis } from '@windrow/common/redis/connection.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'

const patienceMs = 2_000

/** `/healthz`: the process answers. `/readyz`: Redis and the store answer too, or which of them does not. */
export function healthRoutes(server: FastifyInstance, { redis, store }: { redis: Redis; store: Store }): void {
  server.get('/healthz', () => ({ status: 'ok' }))
  server.get('/readyz', async (_request, reply) => {
    const [redisState, storeState] = await Promise.all([
      stateOf(() => awaitRedis(redis, patienceMs)),
      stateOf(() => store.folders(names.sweeps)),
    ])
    const ready = redisState === 'ok' && storeState === 'ok'
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ok' : 'unavailable', redis: redisState, store: storeState }
  })
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
