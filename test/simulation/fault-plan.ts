import { names } from '@windrow/common/store/names.ts'
import type { Chance } from './chance.ts'
import type { Cluster } from './run-seed.ts'
import type { CallFaults } from './simulated-process.ts'
import type { World } from './world.ts'

/** What a seed has drawn. */
export interface FaultPlan {
  readonly workers: number
  readonly calls: CallFaults
  readonly attempts: { readonly fail: number; readonly corrupt: number }
  readonly clockOffsMs: readonly number[]
  readonly events: readonly FaultEvent[]
  /** When they end, ms. */
  readonly over: number
  /** Redis forgot something that it had acknowledged: what it knew of attempts may be gone. */
  readonly redisForgets: boolean
}

export interface FaultEvent {
  readonly at: number
  readonly name: string
  readonly act: (scene: Scene) => void
}

interface Scene {
  readonly world: World
  readonly cluster: Cluster
  readonly chance: Chance
  readonly sweep: string
}

const faultyMs = 10_000

/** Draws the faults of a run: their kinds first, so that some runs see much of one kind and others a little of everything. */
export function planFaults(chance: Chance, start: number): FaultPlan {
  const rate = (most: number) => (chance.happens(0.5) ? chance.between(0, most) : 0)
  const events: FaultEvent[] = []
  let redisForgets = false
  const during = () => start + chance.between(0, faultyMs)
  const repeat = (most: number, add: () => void) => {
    for (let left = chance.below(most + 1); left > 0; left--) add()
  }
  repeat(4, () => events.push({ at: during(), name: 'kill', act: ({ cluster }) => void cluster.killAny() }))
  repeat(2, () => {
    const ms = chance.between(2_500, 6_000)
    events.push({
      at: during(),
      name: `freeze for ${Math.round(ms)} ms`,
      act: ({ cluster }) => void cluster.freezeAny(ms),
    })
  })
  if (chance.happens(0.3)) {
    redisForgets = true
    events.push({ at: during(), name: 'FLUSHALL', act: ({ world }) => void world.flush() })
  }
  if (chance.happens(0.3)) {
    redisForgets = true
    const ms = chance.between(50, 1_000)
    events.push({
      at: during(),
      name: `Redis loses its last ${Math.round(ms)} ms`,
      act: ({ world }) => world.scheduler.after(ms, world.imageOfRedis()),
    })
  }
  if (chance.happens(0.3)) events.push({ at: during(), name: 'a commit is damaged', act: damageCommit })
  return {
    workers: 1 + chance.below(3),
    calls: { crash: rate(0.01), failed: rate(0.1), unheard: rate(0.1), twice: rate(0.1), slow: rate(0.02) },
    attempts: { fail: rate(0.4), corrupt: rate(0.3) },
    clockOffsMs: chance.happens(0.3) ? [0, -600_000, 600_000] : [0],
    events: events.sort((a, b) => a.at - b.at),
    over: start + faultyMs,
    redisForgets,
  }
}

function damageCommit({ world, chance, sweep }: Scene): void {
  const place = chance.below(16)
  const seek = async () => {
    const found: { name: string; size: number }[] = []
    for await (const object of world.store.list(names.results(sweep))) found.push(object)
    if (found.length === 0) return
    const { name, size } = chance.pick(found)
    world.damage(name, Math.floor((size * place) / 16))
  }
  void seek()
}
