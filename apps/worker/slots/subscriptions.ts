import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { QueueConsumer } from '@windrow/common/queue/queue.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { OutageGate } from '../steps/outage-gate.ts'
import { allotSlots, type SweepDemand } from './allot-slots.ts'

export interface SubscriptionOptions {
  readonly slots: number
  readonly active: ActiveSweeps
  /** Optimizers this worker has. */
  readonly optimizers: ReadonlySet<string>
  readonly gate: OutageGate
  readonly openConsumer: (sweep: string) => Promise<QueueConsumer>
  readonly clock: Clock
  readonly logger: Logger
  readonly everyMs: number
}

/**
 * Follows the active sweeps whose optimizer this worker has, and shares its slots among them, until `shutdown`. Then
 * every consumer is drained.
 */
export async function followSweeps(options: SubscriptionOptions, shutdown: AbortSignal): Promise<void> {
  const consumers = new Map<string, QueueConsumer>()
  const passedOver = new Set<string>()
  while (!shutdown.aborted) {
    try {
      await subscribe(options, consumers, passedOver)
    } catch (error) {
      options.logger.error({ err: error }, `cannot follow the active sweeps: ${messageOf(error)}`)
    }
    await options.clock.sleep(options.everyMs, shutdown)
  }
  await Promise.all([...consumers.values()].map((consumer) => consumer.drain()))
}

async function subscribe(
  options: SubscriptionOptions,
  consumers: Map<string, QueueConsumer>,
  passedOver: Set<string>,
): Promise<void> {
  const { active, optimizers, logger, slots, gate } = options
  const sweeps = await active.list()
  const mine = sweeps.filter(({ optimizer }) => optimizers.has(optimizer))
  for (const { sweep, optimizer } of sweeps) {
    if (optimizers.has(optimizer) || passedOver.has(sweep)) continue
    passedOver.add(sweep)
    logger.warn({ sweep, optimizer }, `this worker has no optimizer named ${optimizer}`)
  }
  await closeFinished(consumers, new Set(mine.map(({ sweep }) => sweep)), logger)
  for (const { sweep } of mine) {
    if (consumers.has(sweep)) continue
    consumers.set(sweep, await options.openConsumer(sweep))
    logger.info({ sweep }, 'subscribed')
  }
  const demands: SweepDemand[] = []
  for (const { sweep } of mine) demands.push({ sweep, ...(await consumers.get(sweep)!.demand()) })
  const allotted = allotSlots(slots, demands)
  for (const { sweep } of mine) consumers.get(sweep)!.setConcurrency(gate.open ? allotted.get(sweep)! : 0)
}

async function closeFinished(
  consumers: Map<string, QueueConsumer>,
  active: Set<string>,
  logger: Logger,
): Promise<void> {
  for (const [sweep, consumer] of consumers) {
    if (active.has(sweep) || (await consumer.demand()).running > 0) continue
    consumers.delete(sweep)
    await consumer.drain()
    logger.info({ sweep }, 'unsubscribed')
  }
}
