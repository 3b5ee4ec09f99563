import { hostname } from 'node:os'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { openRedisActiveSweeps } from '@windrow/common/ledger/redis-active-sweeps.ts'
import { wakeProducers } from '@windrow/common/ledger/wake.ts'
import { runService, type Service } from '@windrow/common/processes/service.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import type { FastifyInstance } from 'fastify'
import { type ListenAddress, listenAddress } from './guard/listen-address.ts'
import { createDashboard } from './server.ts'

const flags = { host: 'text', port: 'text', name: 'text', writable: 'switch' } as const

/** The dashboard: the sweeps of a store in a browser, and their queues. */
process.exitCode = await runService(
  {
    name: 'dashboard',
    flags,
    readsOnly: true,
    host: {
      args: process.argv.slice(2),
      environment: process.env,
      stdin: process.stdin,
      readable: process.stderr.isTTY === true,
    },
  },
  serve,
)
process.exit()

async function serve(service: Service<typeof flags>): Promise<void> {
  const { flags: given, logger, redis, shutdown } = service
  const password = process.env.WINDROW_DASHBOARD_PASSWORD || undefined
  const address = listenAddress({ host: given.host, port: given.port, password })
  const writable = given.writable === true
  const server = await createDashboard({
    ...service,
    active: openRedisActiveSweeps(redis),
    clock: systemClock,
    wake: (sweep) => wakeProducers(redis, sweep),
    own: { loopbackOnly: address.loopbackOnly, names: ownNames(address, given.name) },
    writable,
    password,
  })
  const url = await listen(server, address)
  logger.info({ url, writable, asksForPassword: password !== undefined }, `the dashboard is at ${url}`)
  await new Promise<void>((resolve) => {
    if (shutdown.aborted) resolve()
    shutdown.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.close()
}

/** The names by which browsers may call it: those given (comma-separated), and this machine's own where others can reach it. */
function ownNames({ host, loopbackOnly }: ListenAddress, given = ''): ReadonlySet<string> {
  const names = [...given.split(','), ...(loopbackOnly ? [] : [host, hostname()])]
  return new Set(names.map((name) => name.trim().toLowerCase()).filter(Boolean))
}

async function listen(server: FastifyInstance, { host, port }: ListenAddress): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (cause) {
    throw new WindrowError('USAGE', {
      message: `The dashboard cannot listen on ${host}:${port}: ${messageOf(cause)}`,
      cause,
      next: 'Choose another address with --host and --port.',
    })
  }
}
