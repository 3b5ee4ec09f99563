import type { FastifyReply, FastifyRequest } from 'fastify'
import { plainPage } from '../pages/plain-page.ts'
import { isAllowed } from './allow-list.ts'
import { type OwnNames, whyForeign } from './foreign-requests.ts'
import { securityHeaders } from './security-headers.ts'
import type { Sessions } from './sessions.ts'

export interface GuardOptions {
  readonly own: OwnNames
  readonly writable: boolean
  /** undefined: no password is asked for. */
  readonly sessions: Sessions | undefined
}

/** What probes, the login page and its style need without a session. */
const openRoutes: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/login', '/style.css'])

/**
 * Stands before every route: puts the security headers on, refuses requests of foreign pages, everything the allow-list
 * does not name, and whoever has not signed in.
 */
export function guard({ own, writable, sessions }: GuardOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { method, headers } = request
    const route = request.routeOptions.url
    const path = request.url.split('?', 1)[0]!
    reply.headers(securityHeaders(path))
    // Probes call the dashboard by whatever address it has.
    if (route === '/healthz' || route === '/readyz') return undefined
    const foreign = whyForeign(method, headers, own)
    if (foreign !== undefined) return refuse(reply, path, { status: 403, why: `Refused: ${foreign}.` })
    const params = request.params as Readonly<Record<string, string | undefined>>
    if (!isAllowed({ method, route, params }, { writable })) {
      return refuse(reply, path, { status: 403, why: writable ? onlyRetries : readOnly })
    }
    if (!sessions || openRoutes.has(route) || sessions.has(headers.cookie)) return undefined
    if (method !== 'GET' || route === '/metrics' || /^\/queues\/(?:api|static)\//.test(path)) {
      return refuse(reply, path, { status: 401, why: 'Sign in first: reload the page.' })
    }
    return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303)
  }
}

const readOnly = 'This dashboard only shows. Start it with --writable to retry what is dead.'
const onlyRetries = 'This dashboard only shows and retries: anything else would go past the ledger.'

/** bull-board shows the `error` of an answer to its user. */
function refuse(reply: FastifyReply, path: string, { status, why }: { status: number; why: string }): FastifyReply {
  reply.code(status)
  if (path.startsWith('/queues/api/')) return reply.send({ error: why })
  return reply.type('text/html').send(plainPage(status === 401 ? 'Not signed in' : 'Refused', why))
}
