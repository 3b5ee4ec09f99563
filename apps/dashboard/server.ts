import { readFileSync } from 'node:fs'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import { healthRoutes, type ObservedService } from '@windrow/common/processes/health-routes.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import { type FastifyInstance, fastify } from 'fastify'
import type { OwnNames } from './guard/foreign-requests.ts'
import { guard } from './guard/guard.ts'
import { createSessions } from './guard/sessions.ts'
import { loginRoutes } from './login-routes.ts'
import { pageRoutes } from './page-routes.ts'
import { plainPage } from './pages/plain-page.ts'
import { queueRoutes } from './queues/queue-routes.ts'

export interface DashboardParts extends ObservedService {
  readonly store: Store
  readonly active: ActiveSweeps
  readonly clock: Clock
  readonly logger: Logger
  /** Tells the producers that there is something to do. */
  readonly wake: (sweep: string) => Promise<unknown>
  readonly own: OwnNames
  /** Lets people retry what is dead. */
  readonly writable: boolean
  /** Asked for before anything is shown; undefined: everybody who can connect may look. */
  readonly password: string | undefined
}

/** The dashboard as a server that does not listen yet: its table of contents. */
export async function createDashboard(parts: DashboardParts): Promise<FastifyInstance> {
  const { logger, password, clock } = parts
  const sessions = password === undefined ? undefined : createSessions(clock)
  const reader = createSweepReader(parts.store)
  // Names of sweeps and keys are up to 96 characters long, and queue names and job ids a little longer.
  const server = fastify({ bodyLimit: 16 * 1024, routerOptions: { maxParamLength: 200 }, forceCloseConnections: true })
  server.setErrorHandler((error, request, reply) => {
    const status = statusOf(error)
    if (status >= 500) logger.error({ err: error, url: request.url }, messageOf(error))
    return reply
      .code(status)
      .type('text/html')
      .send(plainPage('That did not work', messageOf(error)))
  })
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/html').send(plainPage('Not found', 'There is no such page.')),
  )
  server.addHook('onRequest', guard({ own: parts.own, writable: parts.writable, sessions }))
  const style = readFileSync(new URL('pages/style.css', import.meta.url))
  server.get('/style.css', (_request, reply) => reply.type('text/css').send(style))
  healthRoutes(server, parts)
  if (sessions && password !== undefined) loginRoutes(server, { sessions, password, clock, logger })
  pageRoutes(server, { ...parts, reader, signedIn: sessions !== undefined })
  await queueRoutes(server, { ...parts, reader })
  return server
}

/** What fastify refuses itself (a body too large, a broken address) says which status it is. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status < 600 ? status : 500
}
