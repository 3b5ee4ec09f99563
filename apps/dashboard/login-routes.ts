import type { Logger } from '@windrow/common/logging/logger.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { createFailedLogins } from './guard/failed-logins.ts'
import { isPassword, type Sessions } from './guard/sessions.ts'
import { loginPage } from './pages/login-page.ts'

export interface LoginParts {
  readonly sessions: Sessions
  readonly password: string
  readonly clock: Clock
  readonly logger: Logger
}

/** `/login` asks for the password and begins a session, `/logout` ends it. */
export function loginRoutes(server: FastifyInstance, { sessions, password, clock, logger }: LoginParts): void {
  const failures = createFailedLogins(clock)
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
  )
  const ask = (reply: FastifyReply, next: string, problem?: string) =>
    reply.type('text/html').send(loginPage({ next, ...(problem !== undefined && { problem }) }))

  server.get('/login', (request, reply) => ask(reply, pageToGoOnTo(request.query)))

  server.post('/login', (request, reply) => {
    const next = pageToGoOnTo(request.body)
    const waitMs = failures.waitMs(request.ip)
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000)
      reply.code(429).header('retry-after', seconds)
      return ask(reply, next, `Too many wrong passwords. Try again in ${seconds} s.`)
    }
    if (!isPassword(fieldOf(request.body, 'password'), password)) {
      failures.add(request.ip)
      logger.warn({ from: request.ip }, 'a wrong password was given')
      return ask(reply.code(401), next, 'That is not the password.')
    }
    return reply.header('set-cookie', sessions.begin()).redirect(next, 303)
  })

  server.post('/logout', (request, reply) =>
    reply.header('set-cookie', sessions.end(request.headers.cookie)).redirect('/login', 303),
  )
}

/** Only ever a page of ours: `//elsewhere` and `/\elsewhere` lead away. */
function pageToGoOnTo(fields: unknown): string {
  const next = fieldOf(fields, 'next')
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/'
}

function fieldOf(fields: unknown, name: string): string {
  const value: unknown = typeof fields === 'object' && fields !== null ? Reflect.get(fields, name) : undefined
  return typeof value === 'string' ? value : ''
}
