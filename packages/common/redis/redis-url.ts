import { messageOf, WindrowError } from '../errors/windrow-error.ts'

/** Where a Redis server is, as a URL says it. */
export interface RedisAddress {
  readonly target: { readonly socket: string } | RedisHost
  readonly username?: string
  readonly password?: string
  readonly database: number
}

export interface RedisHost {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** With TLS: files (absolute paths) that the connection is made with; undefined: what Node trusts, and no certificate of ours. */
  readonly files?: TlsFiles
}

/** PEM files: who signs the certificates that are trusted; our own certificate and its key, where the server wants one. */
export type TlsFiles = { readonly [Name in (typeof tlsFileNames)[number]]?: string }

const tlsFileNames = ['ca', 'cert', 'key'] as const

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`, `rediss://...[?ca=FILE][&cert=FILE&key=FILE]` (TLS) or
 * `unix://[:password@]/path/to.sock[?db=N]`. Throws USAGE; its message never holds the password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = parse(text)
  const credentials = {
    ...(url.username === '' ? {} : { username: decoded(text, url.username) }),
    ...(url.password === '' ? {} : { password: decoded(text, url.password) }),
  }
  if (url.protocol === 'unix:') {
    if (url.hostname !== '' || url.pathname.length < 2) throw notUnderstood(text, 'a socket needs an absolute path')
    refuseOtherParameters(text, url, ['db'])
    const target = { socket: decoded(text, url.pathname) }
    return { target, ...credentials, database: databaseOf(text, url.searchParams.get('db') ?? '') }
  }
  if (url.hostname === '') throw notUnderstood(text, 'the host is missing')
  const host = decoded(text, url.hostname).replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? 6379 : Number(url.port)
  const files = tlsFilesOf(text, url)
  const target = { host, port, tls: url.protocol === 'rediss:', ...(files && { files }) }
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
  const query = new URLSearchParams(target.files).toString()
  const place = `${host}:${target.port}${database === 0 ? '' : `/${database}`}${query && `?${query}`}`
  return `${target.tls ? 'rediss' : 'redis'}://${credentials}${place}`
}

/** The same URL fit for a log or a message: without user, password and parameters. Works on text that is no valid URL, too. */
export function redactUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, (_match, scheme: string | undefined) => `${scheme ?? ''}***@`)
    .replace(/\?.*$/s, '')
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

function tlsFilesOf(text: string, url: ReturnType<typeof parse>): TlsFiles | undefined {
  refuseOtherParameters(text, url, url.protocol === 'rediss:' ? tlsFileNames : [])
  const given = tlsFileNames.filter((name) => url.searchParams.has(name))
  if (given.length === 0) return undefined
  const files: TlsFiles = Object.fromEntries(given.map((name) => [name, url.searchParams.get(name)!]))
  const relative = given.find((name) => !files[name]!.startsWith('/'))
  if (relative) throw notUnderstood(text, `its ${relative} is no absolute path`)
  if ((files.cert === undefined) !== (files.key === undefined)) throw notUnderstood(text, 'cert and key go together')
  return files
}

/** What is not known is not passed over in silence: somebody may have wished for something with it. */
function refuseOtherParameters(text: string, { searchParams }: Pick<URL, 'searchParams'>, known: readonly string[]) {
  if ([...searchParams.keys()].every((name) => known.includes(name))) return
  const may = known.length > 0 ? `after the ? it takes ${known.join(', ')}` : 'only rediss:// takes files of TLS'
  throw notUnderstood(text, `it has a parameter that it may not have (${may})`)
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    throw notUnderstood(text, `a % in it begins no valid character (${messageOf(error)})`)
  }
}

/** Not shown: an unescaped / in a password puts the rest of the password here. */
function databaseOf(text: string, number: string): number {
  if (number === '') return 0
  if (!/^\d{1,5}$/.test(number)) throw notUnderstood(text, 'what follows the host is no database number')
  return Number(number)
}

function notUnderstood(text: string, reason: string): WindrowError {
  return new WindrowError('USAGE', {
    message: `The Redis URL ${redactUrl(text)} is not understood: ${reason}`,
    next: 'Write redis://[:password@]host:port[/db], rediss://... for TLS, or unix:///path/to.sock; in a password % @ : / ? # as %25 %40 %3A %2F %3F %23.',
  })
}
