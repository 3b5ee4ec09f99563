import { messageOf, WindrowError } from '../errors/windrow-error.ts'

/** Where a Redis server is, as a URL says it. */
export interface RedisAddress {
  readonly target: { readonly socket: string } | { readonly host: string; readonly port: number; readonly tls: boolean }
  readonly username?: string
  readonly password?: string
  readonly database: number
}

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`, `rediss://...` (TLS) or `unix://[:password@]/path/to.sock[?db=N]`.
 * Throws USAGE; its message never holds the password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = parse(text)
  const credentials = {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  }
  if (url.protocol === 'unix:') {
    if (url.hostname !== '' || url.pathname.length < 2) throw notUnderstood(text, 'a socket needs an absolute path')
    const target = { socket: decodeURIComponent(url.pathname) }
    return { target, ...credentials, database: databaseOf(text, url.searchParams.get('db') ?? '') }
  }
  if (url.hostname === '') throw notUnderstood(text, 'the host is missing')
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? 6379 : Number(url.port)
  const target = { host, port, tls: url.protocol === 'rediss:' }
  return { target, ...credentials, database: databaseOf(text, url.pathname.slice(1)) }
}

/** The URL of a server, with its password; the inverse of parseRedisUrl. */
export function formatRedisUrl({ target, username = '', password, database }: RedisAddress): string {
  const credentials = password === undefined ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`
  if ('socket' in target) {
    const path = target.socket.split('/').map(encodeURIComponent).join('/')
    return `unix://${credentials}${path}${database === 0 ? '' : `?db=${database}`}`
  }
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  return `${target.tls ? 'rediss' : 'redis'}://${credentials}${host}:${target.port}${database === 0 ? '' : `/${database}`}`
}

/** The same URL fit for a log or a message: without user and password. Works on text that is no valid URL, too. */
export function redactUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, (_match, scheme: string | undefined) => `${scheme ?? ''}***@`)
}

const schemes = ['redis:', 'rediss:', 'unix:']

/** The credentials of a unix:// URL stand before an empty host, which WHATWG URLs do not allow: they are read apart. */
function parse(
  text: string,
): Pick<URL, 'protocol' | 'username' | 'password' | 'hostname' | 'port' | 'pathname' | 'searchParams'> {
  const unix = /^unix:\/\/(?:([^:@/]*):([^@/]*)@)?(\/[^?]*)(?:\?(.*))?$/i.exec(text)
  if (unix !== null) {
    const [, username = '', password = '', pathname = '', query = ''] = unix
    return {
      protocol: 'unix:',
      username,
      password,
      hostname: '',
      port: '',
      pathname,
      searchParams: new URLSearchParams(query),
    }
  }
  try {
    const url = new URL(text)
    if (schemes.includes(url.protocol)) return url
  } catch (error) {
    throw notUnderstood(text, messageOf(error).toLowerCase())
  }
  throw notUnderstood(text, 'its scheme is none of redis, rediss and unix')
}

function databaseOf(text: string, number: string): number {
  if (number === '') return 0
  if (!/^\d{1,5}$/.test(number)) throw notUnderstood(text, `${number} is not a database number`)
  return Number(number)
}

function notUnderstood(text: string, reason: string): WindrowError {
  return new WindrowError('USAGE', {
    message: `The Redis URL ${redactUrl(text)} is not understood: ${reason}`,
    next: 'Write redis://[:password@]host:port[/db], rediss://... for TLS, or unix:///path/to.sock.',
  })
}
