import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { isLoopback } from '@windrow/common/processes/loopback.ts'

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
