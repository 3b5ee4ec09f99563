import { chmod, mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { WindrowError } from '../errors/windrow-error.ts'
import { formatRedisUrl } from './redis-url.ts'

/** What a server of our own listens on; a TCP port is never open without a password. */
export type RedisListener =
  | { readonly socket?: string }
  | { readonly host: string; readonly port: number; readonly password: string }

export type PlacedListener =
  | { readonly socket: string; readonly temporaryFolder?: string }
  | { readonly host: string; readonly port: number; readonly password: string }

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux. */
const longestSocketPath = 100

/** Makes the server's directory, closed to everyone else, and settles on a socket path that the system can hold. */
export async function placeListener(listen: RedisListener, directory: string): Promise<PlacedListener> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  if ('password' in listen) {
    if (listen.password.length >= 16) return listen
    throw new WindrowError('USAGE', {
      message: 'A Redis server that listens on a network needs a password of 16 characters or more',
    })
  }
  const wanted = listen.socket ?? resolve(directory, 'redis.sock')
  if (Buffer.byteLength(wanted) <= longestSocketPath) return { socket: wanted }
  const base = [tmpdir(), '/tmp'].find((folder) => Buffer.byteLength(folder) <= 60) ?? '/tmp'
  const temporaryFolder = await mkdtemp(join(base, 'windrow-redis-'))
  return { socket: join(temporaryFolder, 'redis.sock'), temporaryFolder }
}

/** The URL under which this machine reaches the server. */
export function listenerUrl(listener: PlacedListener): string {
  if ('socket' in listener) return formatRedisUrl({ target: { socket: listener.socket }, database: 0 })
  const host = { '0.0.0.0': '127.0.0.1', '*': '127.0.0.1', '::': '::1' }[listener.host] ?? listener.host
  return formatRedisUrl({ target: { host, port: listener.port, tls: false }, password: listener.password, database: 0 })
}

/** Writes the configuration file (only its owner may read it: it may hold a password) and returns its path. */
export async function writeServerConfiguration(directory: string, listener: PlacedListener): Promise<string> {
  const lines = [
    ...listenerLines(listener),
    setting('dir', resolve(directory)),
    setting('pidfile', serverPidFile(directory)),
    'daemonize no',
    'set-proc-title no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
  ]
  const path = serverConfigurationFile(directory)
  await writeFile(`${path}.new`, `${lines.join('\n')}\n`, { mode: 0o600 })
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
  return path
}

export const serverConfigurationFile = (directory: string) => resolve(directory, 'redis.conf')
export const serverPidFile = (directory: string) => resolve(directory, 'redis.pid')

function listenerLines(listener: PlacedListener): string[] {
  if ('socket' in listener) return ['port 0', setting('unixsocket', listener.socket), 'unixsocketperm 700']
  return [setting('bind', listener.host), `port ${listener.port}`, setting('requirepass', listener.password)]
}

function setting(name: string, value: string): string {
  return `${name} "${value.replace(/["\\]/g, '\\$&').replace(/[\n\r]/g, (character) => (character === '\n' ? '\\n' : '\\r'))}"`
}
