import { WindrowError } from '../errors/windrow-error.ts'

export interface HttpAddress {
  readonly host: string
  readonly port: number
}

/** `[HOST:]PORT`: 127.0.0.1 unless a host is given, an IPv6 address in brackets; port 0 takes any that is free. Throws USAGE. */
export function parseHttpAddress(text: string): HttpAddress {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match && port <= 65_535) return { host: match[1]?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port }
  throw new WindrowError('USAGE', {
    message: `--http ${text}: expected a port, such as 9090, or host and port, such as 0.0.0.0:9090`,
  })
}
