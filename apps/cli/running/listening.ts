import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { hostname, networkInterfaces } from 'node:os'
import { chooseListenAddress } from '@windrow/common/cluster/listen-address.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { freePort } from '@windrow/common/processes/free-port.ts'
import { parseDurationMs } from '@windrow/common/sweep/notation.ts'

/** The flags by which a run takes in workers of other hosts. */
export interface ListenFlags {
  readonly listen?: string | true
  readonly beat?: string
  readonly workers: number
  /** A Redis that flag or environment name. */
  readonly redis?: string | undefined
}

/** How a run takes in workers of other hosts. */
export interface Listening {
  /** An address, interface or host name; undefined: one that suits. */
  readonly address?: string
  /** How often workers say what they run. */
  readonly beatMs: number
}

const defaultBeatMs = 15_000

/** What the flags ask for; undefined without --listen. Throws USAGE when they do not go together. */
export function listeningOf({ listen, beat, workers, redis }: ListenFlags, context: Context): Listening | undefined {
  if (listen === undefined) {
    if (beat !== undefined) throw refused('--beat counts only together with --listen')
    if (workers === 0 && context.redis === undefined)
      throw refused(
        '--workers 0 leaves nobody who could run anything',
        'Add --listen, so that workers elsewhere can join.',
      )
    return undefined
  }
  const { store } = context
  if (!store.startsWith('file:')) {
    throw refused(
      `--listen tells workers of other hosts where its Redis is by a file in the store, and ${store} holds no files`,
      'Give --store file:///path on a file system that the hosts share; for a store on S3 run a Redis of your own.',
    )
  }
  if (redis !== undefined) {
    throw refused(
      '--listen starts a Redis of its own, and another one is named',
      'Leave out --redis and WINDROW_REDIS_URL, or --listen.',
    )
  }
  const beatMs = beat === undefined ? defaultBeatMs : parseDurationMs(beat)
  if (beatMs === undefined || beatMs < 100)
    throw refused(`--beat ${beat}: expected a duration of 100ms or more, such as 15s`)
  return { ...(listen !== true && { address: listen }), beatMs }
}

/** Where the Redis of this run listens: a free port of this host, with a password drawn for it. */
export async function placeRedis({ address }: Listening): Promise<{ host: string; port: number; password: string }> {
  const host = await chooseListenAddress(address, {
    interfaces: networkInterfaces(),
    hostName: hostname(),
    resolve: addressesOfName,
  })
  const port = await freePort(host).catch((cause: unknown) => {
    throw new WindrowError('USAGE', { message: `Cannot listen on ${host}: ${messageOf(cause)}`, cause })
  })
  return { host, port, password: randomBytes(24).toString('base64url') }
}

async function addressesOfName(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address)
  } catch {
    // It resolves to nothing, which is an answer.
    return []
  }
}

function refused(message: string, next?: string): WindrowError {
  return new WindrowError('USAGE', { message, ...(next !== undefined && { next }) })
}
