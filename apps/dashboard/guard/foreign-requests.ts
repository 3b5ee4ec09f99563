import { isIP } from 'node:net'
import { isLoopback } from '@windrow/common/processes/loopback.ts'

export interface OwnNames {
  /** Only this machine can connect: whoever calls it by another name has been led astray (DNS rebinding). */
  readonly loopbackOnly: boolean
  /** Further host names of the dashboard, in lower case. */
  readonly names: ReadonlySet<string>
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Why a request comes from another site's page, or undefined when it does not. No page of anybody else can read from
 * the dashboard or act on it: its Host must be ours, an Origin the same host, Sec-Fetch-Site ours, but for a link that is
 * followed to one of our pages. What is no browser sends neither Origin nor Sec-Fetch-Site, and cannot be misled by one.
 */
export function whyForeign(method: string, headers: Headers, own: OwnNames): string | undefined {
  const host = textOf(headers.host)?.toLowerCase()
  if (host === undefined || !isOwnHost(host, own)) return 'the Host header names another host'
  const origin = textOf(headers.origin)
  if (origin !== undefined && hostOf(origin) !== host) return 'the Origin header names another site'
  const site = textOf(headers['sec-fetch-site'])
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  return isFollowedLink(method, headers) ? undefined : 'the request was made by a page of another site'
}

const isFollowedLink = (method: string, headers: Headers) =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'

/** A name can be made to lead here by whoever owns it; an address cannot. */
function isOwnHost(host: string, { loopbackOnly, names }: OwnNames): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host)?.[1]?.replace(/^\[(.*)\]$/, '$1')
  if (name === undefined) return false
  return isLoopback(name) || names.has(name) || (!loopbackOnly && isIP(name) !== 0)
}

function hostOf(origin: string): string | undefined {
  const url = URL.parse(origin)
  return url && /^https?:$/.test(url.protocol) ? url.host : undefined
}

const textOf = (value: string | readonly string[] | undefined) => (typeof value === 'string' ? value : undefined)
