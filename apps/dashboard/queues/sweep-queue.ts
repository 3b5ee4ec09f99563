import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { configurationJobSchema, queueNames } from '@windrow/common/queue/jobs.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'

export interface SweepQueueOptions {
  /** Shows the buttons; what they may do is decided by the allow-list. */
  readonly writable: boolean
  /** Hears of what goes wrong outside of any request; for a log. */
  readonly onError: (error: Error) => void
}

export interface SweepQueue {
  readonly adapter: BullMQAdapter
  close(): Promise<void>
}

/**
 * The queue of a sweep as bull-board shows it: jobs under the key of their configuration, with its fields, and a way to
 * our page of it. Opening it writes nothing into Redis. The connection is shared.
 */
export function openSweepQueue(redis: Redis, plan: SweepPlan, { writable, onError }: SweepQueueOptions): SweepQueue {
  const { sweep } = plan
  const queue = new Queue(queueNames.sweep(sweep), { connection: redis, skipMetasUpdate: true, skipVersionCheck: true })
  queue.on('error', onError)
  const adapter = new BullMQAdapter(queue, {
    displayName: sweep,
    description: `optimizer ${plan.specification.optimizer.name}`,
    readOnlyMode: !writable,
    allowRetries: writable,
    externalJobUrl: ({ data }) => ({ displayText: 'Attempts, log and evidence', href: addressOfPage(sweep, data) }),
  })
  adapter.setFormatter('name', ({ data, name }: { data?: unknown; name?: string }) => keyOf(data) ?? name ?? '')
  adapter.setFormatter('data', (data: unknown) => readableData(data, plan))
  return { adapter, close: () => queue.close() }
}

/** Whoever can write to Redis may have written what a job says. */
const keyOf = (data: unknown) => configurationJobSchema.safeParse(data).data?.key

function addressOfPage(sweep: string, data: unknown): string {
  const key = keyOf(data)
  return key === undefined ? `/#${sweep}` : `/sweeps/${encodeURIComponent(sweep)}/${encodeURIComponent(key)}`
}

function readableData(data: unknown, plan: SweepPlan): unknown {
  const job = configurationJobSchema.safeParse(data).data
  if (!job) return { 'not a job of Windrow': data }
  const { key, index, manifest } = job
  const place = plan.indexOf(key)
  return { key, ...(place === undefined ? {} : plan.at(place).fields), index, manifest }
}
