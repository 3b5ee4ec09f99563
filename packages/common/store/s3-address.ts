import { messageOf, WindrowError } from '../errors/windrow-error.ts'

/** Where a store on S3 is: all that every machine must know alike, and nothing secret. */
export interface S3Address {
  /** The address in the one form in which Windrow shows it and hands it on. */
  readonly url: string
  readonly bucket: string
  /** What stands before every name, empty or ending with `/`. */
  readonly prefix: string
  /** `https://host[:port]`; undefined: as the SDK is configured, else Amazon. */
  readonly endpoint?: string
  readonly region?: string
  /** The bucket is named in the path, not in the host: what servers other than Amazon's understand. */
  readonly pathStyle: boolean
  /** Whether requests carry the SDK's own checksums besides Content-MD5; servers other than Amazon's often refuse those. */
  readonly checksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED'
}

const parameters = ['endpoint', 'region', 'path-style', 'checksums'] as const

/**
 * Reads `s3://bucket[/prefix][?endpoint=https://host:port][&region=R][&path-style=true|false]
 * [&checksums=when-required|when-supported]`. With an endpoint the path style is on unless the address says otherwise.
 * Throws USAGE, which shows nothing of credentials that somebody wrote into the address.
 */
export function parseS3Url(text: string): S3Address {
  const shown = withoutCredentials(text)
  const url = parsed(text, shown)
  const given = parametersOf(url, shown)
  const endpoint = given.endpoint === undefined ? undefined : endpointOf(given.endpoint, shown)
  const pathStyle = choiceOf('path-style', given['path-style'], { true: true, false: false }, shown)
  const checksums = choiceOf('checksums', given.checksums, checksumModes, shown)
  const address = {
    bucket: bucketOf(url, shown),
    prefix: prefixOf(url, shown),
    ...(endpoint !== undefined && { endpoint }),
    ...(given.region !== undefined && { region: given.region }),
    pathStyle: pathStyle ?? endpoint !== undefined,
    checksums: checksums ?? 'WHEN_REQUIRED',
  }
  return { ...address, url: formatted(address, given) }
}

/** The address of a store fit for a message: without what may hold credentials. Takes text that is no address, too. */
export function withoutCredentials(url: string): string {
  return url.replace(/\?.*$/s, '').replace(/\/\/.*@/s, '//***@')
}

const checksumModes = { 'when-required': 'WHEN_REQUIRED', 'when-supported': 'WHEN_SUPPORTED' } as const

type Given = { readonly [Name in (typeof parameters)[number]]?: string }

function parsed(text: string, shown: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch (error) {
    // The cause would show the address with all that is in it.
    throw notUnderstood(shown, messageOf(error))
  }
  if (url.protocol !== 's3:') throw notUnderstood(shown, 'it does not start with s3://')
  if (url.username !== '' || url.password !== '') {
    throw new WindrowError('USAGE', {
      message: `${shown} must not hold credentials: the address of a store is shown and recorded.`,
      next: 'Give the key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in a profile of ~/.aws/credentials.',
    })
  }
  if (url.hash !== '' || url.port !== '') throw notUnderstood(shown, 'it has a part that it may not have')
  return url
}

function parametersOf({ searchParams }: URL, shown: string): Given {
  const unknown = [...searchParams.keys()].filter((name) => !parameters.some((known) => known === name))
  if (unknown.length > 0) throw notUnderstood(shown, `it knows no ${unknown[0]}, only ${parameters.join(', ')}`)
  const given = parameters.filter((name) => searchParams.get(name)).map((name) => [name, searchParams.get(name)!])
  return Object.fromEntries(given)
}

function bucketOf({ hostname }: URL, shown: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/.test(hostname)) return hostname
  throw notUnderstood(shown, 'after s3:// comes the name of a bucket')
}

/** Keys on S3 have at most 1024 bytes, and the names in a store need some hundred of them. */
const longestPrefix = 512

function prefixOf({ pathname }: URL, shown: string): string {
  const path = decoded(pathname, shown).replace(/^\/|\/$/g, '')
  if (path === '') return ''
  if (Buffer.byteLength(path) > longestPrefix)
    throw notUnderstood(shown, `its path is longer than ${longestPrefix} bytes`)
  if (path.split('/').includes('')) throw notUnderstood(shown, 'its path has an empty part')
  return `${path}/`
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw notUnderstood(shown, `its path is no valid text (${messageOf(error)})`)
  }
}

function endpointOf(text: string, shown: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw notUnderstood(shown, 'its endpoint is not https://host:port')
  if (url.username !== '' || url.password !== '') throw notUnderstood(shown, 'its endpoint holds credentials')
  if (url.search !== '' || url.hash !== '') throw notUnderstood(shown, 'its endpoint is more than https://host:port')
  return url.href.replace(/\/$/, '')
}

function choiceOf<Choice>(
  name: string,
  text: string | undefined,
  choices: Readonly<Record<string, Choice>>,
  shown: string,
): Choice | undefined {
  if (text === undefined) return undefined
  if (Object.hasOwn(choices, text)) return choices[text]
  throw notUnderstood(shown, `its ${name} is none of ${Object.keys(choices).join(', ')}`)
}

function formatted({ bucket, prefix, endpoint }: Omit<S3Address, 'url'>, given: Given): string {
  const path = prefix.slice(0, -1).split('/').map(encodeURIComponent).join('/')
  const query = parameters
    .map((name) => [name, name === 'endpoint' ? endpoint : given[name]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value!).replaceAll('%3A', ':').replaceAll('%2F', '/')}`)
  return `s3://${bucket}${path && `/${path}`}${query.length > 0 ? `?${query.join('&')}` : ''}`
}

function notUnderstood(shown: string, reason: string): WindrowError {
  return new WindrowError('USAGE', {
    message: `${shown} is not understood as a store on S3: ${reason}.`,
    next: 'Write s3://bucket/prefix?endpoint=https://host:port (no endpoint for Amazon).',
  })
}
