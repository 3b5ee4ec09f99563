import { createBullBoard } from '@bull-board/api'
import { FastifyAdapter } from '@bull-board/fastify'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { sweepNames } from '@windrow/common/sweep/sweep-names.ts'
import type { SweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { Redis } from 'ioredis'
import { openSweepQueue, type SweepQueue } from './sweep-queue.ts'

export interface BoardParts {
  readonly redis: Redis
  readonly store: Store
  readonly reader: SweepReader
  readonly active: ActiveSweeps
  readonly clock: Clock
  readonly logger: Logger
  readonly writable: boolean
}

export interface Board {
  readonly plugin: ReturnType<FastifyAdapter['registerPlugin']>
  /** Adds the queues of sweeps that have come and takes away those of sweeps that are gone, every two seconds at most. */
  refresh(): Promise<void>
  close(): Promise<void>
}

const refreshEveryMs = 2_000

/** bull-board with one queue a sweep. Its polls do not ask Redis for its clients, and it shows no server statistics. */
export function createBoard(parts: BoardParts): Board {
  const { clock, logger } = parts
  const serverAdapter = new FastifyAdapter().setBasePath('/queues')
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Windrow queues',
        miscLinks: [{ text: 'Sweeps', url: '/' }],
        hideDocsLink: true,
        hideRedisDetails: true,
        showWorkers: false,
        sortQueues: true,
      },
    },
  })
  const present = new Map<string, SweepQueue>()
  let refreshing: Promise<void> | undefined
  let refreshedAt = -Infinity
  const refresh = async () => {
    const wanted = await sweepsToShow(parts)
    for (const [sweep, queue] of present) {
      if (wanted.has(sweep)) continue
      present.delete(sweep)
      board.removeQueue(queue.adapter)
      await queue.close()
    }
    for (const sweep of wanted) {
      const opened = present.has(sweep) ? undefined : await openQueue(sweep, parts)
      if (!opened) continue
      present.set(sweep, opened)
      board.addQueue(opened.adapter)
    }
    refreshedAt = clock.now()
  }
  return {
    plugin: serverAdapter.registerPlugin(),
    async refresh() {
      if (clock.now() - refreshedAt < refreshEveryMs) return
      refreshing ??= refresh()
        .catch((error: unknown) => logger.warn({ err: error }, `the queues may be out of date: ${messageOf(error)}`))
        .finally(() => {
          refreshing = undefined
        })
      await refreshing
    },
    close: async () => void (await Promise.all([...present.values()].map((queue) => queue.close()))),
  }
}

/** What is in the store, and what workers are told to work on. */
async function sweepsToShow({ store, active }: BoardParts): Promise<Set<string>> {
  const [stored, worked] = await Promise.all([sweepNames(store), active.list()])
  return new Set([...stored, ...worked.map(({ sweep }) => sweep)])
}

/** A sweep that cannot be read has no queue to show; the front page says why. */
async function openQueue(sweep: string, { redis, reader, writable, logger }: BoardParts) {
  try {
    const { plan } = await reader.read(sweep)
    const onError = (error: Error) => logger.error({ err: error, sweep }, `the queue: ${error.message}`)
    return openSweepQueue(redis, plan, { writable, onError })
  } catch (error) {
    logger.warn({ err: error, sweep }, `no queue is shown: ${messageOf(error)}`)
    return undefined
  }
}
