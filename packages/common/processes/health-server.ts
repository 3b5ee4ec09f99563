import { type FastifyError, type FastifyInstance, fastify } from 'fastify'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import type { Logger } from '../logging/logger.ts'
import { healthRoutes, type ObservedService } from './health-routes.ts'
import { type HttpAddress, parseHttpAddress } from './http-address.ts'
import { isLoopback } from './loopback.ts'

/**
 * Answers for a service over HTTP at `[HOST:]PORT` (see health-routes.ts) and says in the log where; `close` it last. Throws
 * USAGE when the address is none, or cannot be listened on.
 */
export async function startHealthServer(
  address: string,
  service: ObservedService & { readonly logger: Logger },
): Promise<FastifyInstance> {
  const { host, port } = parseHttpAddress(address)
  const server = fastify({ forceCloseConnections: true })
  server.setErrorHandler((error: FastifyError, { url }, reply) => {
    const { statusCode = 500 } = error
    if (statusCode >= 500) service.logger.error({ err: error, url }, messageOf(error))
    return reply.code(statusCode).send({ status: 'failed', message: messageOf(error) })
  })
  if (isLoopback(host)) refuseOtherNames(server)
  healthRoutes(server, service)
  const url = await listen(server, { host, port })
  service.logger.info({ url }, `health and metrics are at ${url}`)
  return server
}

/** Whoever reaches this machine's own address by another name has been led there by a web page (DNS rebinding). */
function refuseOtherNames(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    const name = request.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isLoopback(name)) return undefined
    return reply.code(403).send({ status: 'refused', message: 'the Host header names another host' })
  })
}

async function listen(server: FastifyInstance, { host, port }: HttpAddress): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (cause) {
    throw new WindrowError('USAGE', {
      message: `Health and metrics cannot be served at ${host}:${port}: ${messageOf(cause)}`,
      cause,
      next: 'Choose another address with --http (or WINDROW_HTTP), or leave it out.',
    })
  }
}
