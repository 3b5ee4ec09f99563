import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { namePattern } from '@windrow/common/sweep/specification.ts'
import type { SubmittedSweep, SweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Redis } from 'ioredis'
import { configurationPage } from './pages/configuration-page.ts'
import { frontPage } from './pages/front-page.ts'
import { plainPage } from './pages/plain-page.ts'
import { readConfiguration, readLog } from './reading/configuration.ts'
import { lookForLedgers } from './reading/known-ledgers.ts'
import { readOverview } from './reading/overview.ts'

export interface PageParts {
  readonly store: Store
  readonly reader: SweepReader
  readonly redis: Redis
  readonly clock: Clock
  /** Somebody has signed in, and may sign out. */
  readonly signedIn: boolean
}

interface Place {
  readonly sweep: string
  readonly key: string
}

/** Our own pages: `/`, `/sweeps/SWEEP` (its place on `/`), `/sweeps/SWEEP/KEY`, and the logs of its attempts. */
export function pageRoutes(server: FastifyInstance, { store, reader, redis, clock, signedIn }: PageParts): void {
  const frame = { signedIn }

  server.get('/', async (_request, reply) => {
    const { ledgerOf, trouble } = await lookForLedgers(redis)
    const entries = await readOverview({ store, reader, ledgerOf })
    return reply.type('text/html').send(frontPage({ entries, store: store.url, trouble, atMs: clock.now() }, frame))
  })

  server.get<{ Params: Pick<Place, 'sweep'> }>('/sweeps/:sweep', async ({ params }, reply) => {
    const found = await findSweep(reader, params.sweep)
    return found ? reply.redirect(`/#${found.plan.sweep}`, 303) : notFound(reply, `the sweep ${params.sweep}`)
  })

  server.get<{ Params: Place }>('/sweeps/:sweep/:key', async ({ params }, reply) => {
    const { ledgerOf } = await lookForLedgers(redis)
    const found = await findSweep(reader, params.sweep)
    const details = found && (await readConfiguration(found, params.key, { store, ledgerOf }))
    if (!details) return notFound(reply, `the configuration ${params.key} in the sweep ${params.sweep}`)
    return reply.type('text/html').send(configurationPage(details, frame))
  })

  server.get<{ Params: Place & { log: string } }>('/sweeps/:sweep/:key/:log', async ({ params }, reply) => {
    const found = await findSweep(reader, params.sweep)
    const match = /^(\d{1,9})-([A-Za-z0-9][\w-]{0,95})\.log$/.exec(params.log)
    const isKnown = found?.plan.indexOf(params.key) !== undefined
    const at = { sweep: params.sweep, key: params.key, epoch: Number(match?.[1]), attempt: match?.[2] ?? '' }
    const bytes = isKnown && match ? await readLog(store, at) : undefined
    if (!bytes) return notFound(reply, 'a log of this attempt')
    return reply.type('text/plain; charset=utf-8').send(Buffer.from(bytes))
  })
}

/** The sweep of an address; names that are none never reach the store. */
async function findSweep(reader: SweepReader, sweep: string): Promise<SubmittedSweep | undefined> {
  if (!namePattern.test(sweep)) return undefined
  try {
    return await reader.readNewest(sweep)
  } catch (error) {
    if (isWindrowError(error, 'SWEEP_UNKNOWN')) return undefined
    throw error
  }
}

function notFound(reply: FastifyReply, what: string): FastifyReply {
  return reply
    .code(404)
    .type('text/html')
    .send(plainPage('Not found', `The store does not have ${what}.`))
}
