import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { createMemoryActiveSweeps } from '@windrow/common/ledger/memory-active-sweeps.ts'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import type { QueueConsumer } from '@windrow/common/queue/queue.ts'
import { createOutageGate } from '../steps/outage-gate.ts'
import { followSweeps, type SubscriptionOptions } from './subscriptions.ts'

/** A consumer that notes how many slots it is given; nothing waits for it unless told. */
function consumer(told: Partial<QueueConsumer> = {}): QueueConsumer & { slots: number; drained: boolean } {
  return {
    slots: 0,
    drained: false,
    setConcurrency(slots) {
      this.slots = slots
    },
    demand: async () => ({ waiting: 3, running: 0 }),
    async drain() {
      this.drained = true
    },
    ...told,
  }
}

/** Follows the sweeps `old` and `new` for some looks, then drains. */
async function follow(
  consumers: Record<string, QueueConsumer>,
  looks: number,
  told: Partial<SubscriptionOptions> = {},
): Promise<void> {
  const active = createMemoryActiveSweeps()
  await active.add('old', 1, 'smart-start')
  await active.add('new', 2, 'smart-start')
  const drain = new AbortController()
  let looked = 0
  const options: SubscriptionOptions = {
    slots: 2,
    active,
    optimizers: new Set(['smart-start']),
    gate: createOutageGate(() => undefined),
    openConsumer: async (sweep) => {
      const found = consumers[sweep]
      if (found) return found
      throw new WindrowError('SWEEP_UNKNOWN', { message: `the store has no sweep ${sweep}` })
    },
    setAsideIn: async () => new Set(),
    onLook: () => undefined,
    clock: {
      now: () => 0,
      sleep: async () => {
        if (++looked === looks) drain.abort()
        await new Promise((resolve) => setImmediate(resolve))
      },
    },
    logger: silentLogger(),
    everyMs: 1,
    ...told,
  }
  setTimeout(() => drain.abort(), 50)
  await followSweeps(options, drain.signal)
}

describe('following the active sweeps', () => {
  it('works on the others when a sweep cannot be opened', async () => {
    const young = consumer()
    await follow({ new: young }, 2)
    assert.equal(young.slots, 2)
    assert.equal(young.drained, true)
  })

  it('begins nothing of a sweep in which its host is set aside, and gives its slots to the others', async () => {
    const running = { waiting: 5, running: 1 }
    const [old, young] = [consumer({ demand: async () => running }), consumer()]
    const seen: unknown[] = []
    await follow({ old, new: young }, 2, {
      slots: 4,
      setAsideIn: async (sweeps) => new Set(sweeps.filter((sweep) => sweep === 'old')),
      onLook: (demands) => seen.push(demands),
    })
    assert.deepEqual([old.slots, young.slots], [0, 3])
    const none = { sweep: 'old', waiting: 0, running: 1 }
    assert.deepEqual(seen[0], [none, { sweep: 'new', waiting: 3, running: 0 }], 'it is not stuck')
  })

  it('drains, also while Redis answers nothing', { timeout: 20_000 }, async () => {
    const silent = consumer({ demand: () => new Promise(() => undefined) })
    await follow({ old: silent, new: consumer() }, Number.POSITIVE_INFINITY)
    assert.equal(silent.drained, true)
  })
})
