import { createMemoryActiveSweeps } from '@windrow/common/ledger/memory-active-sweeps.ts'
import { createMemoryLedger, type LedgerInMemory } from '@windrow/common/ledger/memory-ledger.ts'
import { createMemoryQueues, type MemoryQueues } from '@windrow/common/queue/memory-queue.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { createMemorySpool } from '../../apps/worker/spooling/memory-spool.ts'
import type { Spool } from '../../apps/worker/spooling/spool.ts'
import { boundStore } from '../fixtures/bound-store.ts'
import type { Scheduler } from './scheduler.ts'

export const lockMs = 2_000

/** What outlives every process: the store, the disks of the hosts, and Redis, which forgets. */
export interface World {
  readonly scheduler: Scheduler
  readonly store: Store & { readUndamaged: Store['read'] }
  /** Every attempt whose optimizer was started. */
  readonly ran: { readonly key: string; readonly epoch: number; readonly attempt: string }[]
  /** Takes a byte of an object and changes it, as a disk does that goes bad. */
  damage(name: string, place: number): void
  readonly spoolOf: (host: string) => Spool
  readonly ledger: LedgerInMemory
  readonly queues: MemoryQueues
  active: ReturnType<typeof createMemoryActiveSweeps>
  /** FLUSHALL. */
  flush(): Promise<void>
  /** What Redis is now; what is returned brings it back, with all that was acknowledged since then lost. */
  imageOfRedis(): () => void
  /** How often Redis was brought back: everybody's connection was cut. */
  readonly returns: number
}

export function createWorld(sweep: string, scheduler: Scheduler): World {
  const kept = createMemoryStore()
  const damages = new Map<string, number>()
  const bound = boundStore(kept, {
    read: async (name) => {
      const bytes = await kept.read(name)
      const place = damages.get(name)
      if (bytes && place !== undefined) bytes[place % bytes.length]! ^= 0x10
      return bytes
    },
  })
  const store = { ...bound, readUndamaged: (name: string) => kept.read(name) }
  const spools = new Map<string, Spool>()
  let returns = 0
  const ledger = createMemoryLedger(sweep)
  const queues = createMemoryQueues(scheduler.clock())
  const world: World = {
    scheduler,
    store,
    ran: [],
    damage: (name, place) => void damages.set(name, place),
    spoolOf: (host) => {
      const spool = spools.get(host) ?? createMemorySpool()
      spools.set(host, spool)
      return spool
    },
    ledger,
    queues,
    active: createMemoryActiveSweeps(),
    async flush() {
      await ledger.remove()
      queues.forget()
      world.active = createMemoryActiveSweeps()
    },
    imageOfRedis() {
      const restores = [ledger.image(), queues.image(lockMs)]
      return () => {
        for (const restore of restores) restore()
        returns++
      }
    },
    get returns() {
      return returns
    },
  }
  return world
}
