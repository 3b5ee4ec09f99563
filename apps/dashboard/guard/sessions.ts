import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@windrow/common/time/clock.ts'

/** Who has given the password. Sessions live in this process alone: after a restart one signs in again. */
export interface Sessions {
  /** Begins a session; returns its Set-Cookie header. */
  begin(): string
  /** Whether a Cookie header holds a session that is still good. */
  has(cookies: string | undefined): boolean
  /** Ends the session of a Cookie header; returns the Set-Cookie header that takes the cookie away. */
  end(cookies: string | undefined): string
}

const lifetimeMs = 12 * 3_600_000
const mostSessions = 1_000
const attributes = 'Path=/; HttpOnly; SameSite=Strict'

/** Sessions that last twelve hours; beyond a thousand the oldest ends. */
export function createSessions(clock: Clock): Sessions {
  // By digest, so that how long a look-up takes tells nothing about an id.
  const endsAt = new Map<string, number>()
  return {
    begin() {
      const oldest = endsAt.keys().next()
      if (endsAt.size >= mostSessions && !oldest.done) endsAt.delete(oldest.value)
      const id = randomBytes(32).toString('base64url')
      endsAt.set(digestOf(id), clock.now() + lifetimeMs)
      return `windrow_session=${id}; Max-Age=${lifetimeMs / 1000}; ${attributes}`
    },
    has: (cookies) => (endsAt.get(digestOf(sessionIn(cookies))) ?? 0) > clock.now(),
    end(cookies) {
      endsAt.delete(digestOf(sessionIn(cookies)))
      return `windrow_session=; Max-Age=0; ${attributes}`
    },
  }
}

/** Compares in a time that depends on neither of them. */
export function isPassword(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

const sessionIn = (cookies = '') => /(?:^|;\s*)windrow_session=([\w-]{43})(?:;|$)/.exec(cookies)?.[1] ?? ''

const digestOf = (id: string) => createHash('sha256').update(id).digest('hex')
