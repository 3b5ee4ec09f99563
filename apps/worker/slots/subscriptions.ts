import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { QueueConsumer } from '@windrow/common/queue/queue.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { OutageGate } from '../steps/outage-gate.ts'
import { allotSlots, type SweepDemand } from './allot-slots.ts'

export interface SubscriptionOptions {
  readonly slots: number
  readonly active: Pick<ActiveSweeps, 'list'>
  /** Take jobs of this sweep alone. */
  readonly only?: string | undefined
  /** Optimizers this worker has. */
  readonly optimizers: ReadonlySet<string>
  readonly gate: Pick<OutageGate, 'open'>
  readonly openConsumer: (sweep: string) => Promise<QueueConsumer>
  /** Of these sweeps those in which this host is set aside: nothing of theirs begins here, and what runs runs on. */
  readonly setAsideIn: (sweeps: readonly string[]) => Promise<ReadonlySet<string>>
  /** Hears what waits and what runs in the sweeps it serves, at every look. */
  readonly onLook: (demands: readonly SweepDemand[]) => void
  readonly clock: Clock
  readonly logger: Logger
  readonly everyMs: number
}

/**
 * Follows the active sweeps whose optimizer this worker has, and shares its slots among them, until `shutdown`. Then
 * every consumer is drained.
 */
export async function followSweeps(options: SubscriptionOptions, shutdown: AbortSignal): Promise<void> {
  const subscriptions: Subscriptions = { consumers: new Map(), passedOver: new Set(), faulty: new Map() }
  const drains = aborted(shutdown)
  while (!shutdown.aborted) {
    try {
      // What is asked of Redis while it is away is answered when it is back: a drain does not wait for that.
      await Promise.race([subscribe(options, subscriptions, shutdown), drains])
    } catch (error) {
      options.logger.error({ err: error }, `cannot follow the active sweeps: ${messageOf(error)}`)
    }
    await options.clock.sleep(options.everyMs, shutdown)
  }
  await Promise.all([...subscriptions.consumers.values()].map((consumer) => consumer.drain()))
}

interface Subscriptions {
  readonly consumers: Map<string, QueueConsumer>
  /** Sweeps whose optimizer this worker does not have. */
  readonly passedOver: Set<string>
  /** Sweeps that cannot be opened, and why not: each is said once. */
  readonly faulty: Map<string, string>
}

async function subscribe(
  options: SubscriptionOptions,
  subscriptions: Subscriptions,
  shutdown: AbortSignal,
): Promise<void> {
  const { active, only, optimizers, logger, slots, gate } = options
  const { consumers, passedOver } = subscriptions
  const sweeps = (await active.list()).filter(({ sweep }) => only === undefined || sweep === only)
  for (const { sweep, optimizer } of sweeps) {
    if (optimizers.has(optimizer) || passedOver.has(sweep)) continue
    passedOver.add(sweep)
    logger.warn({ sweep, optimizer }, `this worker has no optimizer named ${optimizer}`)
  }
  const mine = sweeps.filter(({ optimizer }) => optimizers.has(optimizer)).map(({ sweep }) => sweep)
  await closeFinished(consumers, new Set(mine), logger)
  for (const sweep of mine) if (!consumers.has(sweep)) await open(sweep, options, subscriptions)
  const aside = await options.setAsideIn(mine)
  const demands: SweepDemand[] = []
  for (const sweep of mine) {
    const demand = await consumers.get(sweep)?.demand()
    if (demand) demands.push({ sweep, ...demand, ...(aside.has(sweep) && { waiting: 0 }) })
  }
  if (shutdown.aborted) return
  options.onLook(demands)
  const [idle, taking] = [
    demands.filter(({ sweep }) => aside.has(sweep)),
    demands.filter(({ sweep }) => !aside.has(sweep)),
  ]
  for (const { sweep } of idle) consumers.get(sweep)!.setConcurrency(0)
  const taken = idle.reduce((sum, { running }) => sum + running, 0)
  for (const [sweep, allotted] of allotSlots(slots - taken, taking)) {
    consumers.get(sweep)!.setConcurrency(gate.open ? allotted : 0)
  }
}

/** A sweep that cannot be opened (it was deleted, or is in another store) must not keep the worker from the others. */
async function open(
  sweep: string,
  { openConsumer, logger }: SubscriptionOptions,
  { consumers, faulty }: Subscriptions,
): Promise<void> {
  try {
    consumers.set(sweep, await openConsumer(sweep))
    faulty.delete(sweep)
    logger.info({ sweep }, 'subscribed')
  } catch (error) {
    const reason = messageOf(error)
    if (faulty.get(sweep) === reason) return
    faulty.set(sweep, reason)
    logger.error({ err: error, sweep }, `cannot take jobs of the sweep: ${reason}`)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
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
