import { BlockList, isIP } from 'node:net'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'

export interface ListenAddress {
  readonly host: string
  readonly port: number
  readonly loopbackOnly: boolean
}

const defaultPort = 3080

/**
 * Where the dashboard listens: 127.0.0.1:3080 unless it is told otherwise; port 0 takes any that is free. Throws USAGE for
 * a port that is none, and for an address others can reach when there is no password.
 */
export function listenAddress(given: {
  readonly host: string | undefined
  readonly port: string | undefined
  readonly password: string | undefined
}): ListenAddress {
  const { host = '127.0.0.1', port = String(defaultPort), password } = given
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new WindrowError('USAGE', { message: `--port ${port}: expected a number from 0 to 65535` })
  }
  const loopbackOnly = isLoopback(host)
  if (!loopbackOnly && !password) {
    throw new WindrowError('USAGE', {
      message: `--host ${host}: other machines could reach the dashboard there, and it has no password.`,
      next: 'Set WINDROW_DASHBOARD_PASSWORD, or listen on 127.0.0.1 and reach it through `ssh -L`.',
    })
  }
  return { host, port: Number(port), loopbackOnly }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for the names and addresses by which only this machine reaches itself. */
export function isLoopback(host: string): boolean {
  const version = isIP(host)
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 6 ? 'ipv6' : 'ipv4')
}
