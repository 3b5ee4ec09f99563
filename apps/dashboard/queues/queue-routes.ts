import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type BoardParts, createBoard } from './board.ts'

export interface QueueRouteParts extends BoardParts {
  /** Tells the producers that there is something to do. */
  readonly wake: (sweep: string) => Promise<unknown>
}

/** bull-board at `/queues`. What may reach it is decided before, by the guard. */
export async function queueRoutes(server: FastifyInstance, parts: QueueRouteParts): Promise<void> {
  const { redis, logger, wake } = parts
  const board = createBoard(parts)
  server.addHook('onClose', () => board.close())
  await server.register(async (queues) => {
    queues.addHook('preHandler', async (request: FastifyRequest, reply: FastifyReply) => {
      if (!request.url.startsWith('/queues/api/')) return undefined
      // A command that is given now would wait until Redis is back, and the browser with it.
      if (redis.status !== 'ready') return reply.code(503).send({ error: away })
      await board.refresh()
      return undefined
    })
    // What is retried wants a worker: the producer calls them back to a sweep that was settled.
    queues.addHook('onResponse', async (request, reply) => {
      if (request.method !== 'PUT' || reply.statusCode >= 300) return
      const { queueName = '' } = request.params as { queueName?: string }
      const sweep = queueName.replace(/^windrow\./, '')
      logger.info({ sweep, route: request.url, from: request.ip }, 'a retry was asked for')
      try {
        await wake(sweep)
      } catch (error) {
        logger.warn({ err: error, sweep }, `the producer is not woken, and looks by itself: ${messageOf(error)}`)
      }
    })
    await queues.register(board.plugin, { prefix: '/queues' })
  })
}

const away = 'Redis does not answer.'
