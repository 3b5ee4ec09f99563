import { policyOf } from '@windrow/common/sweep/policy.ts'
import { specificationSchema } from '@windrow/common/sweep/specification.ts'
import { smallSpecification } from '../fixtures/small-sweep.ts'
import { type Chance, chanceOf } from '../simulation/chance.ts'
import { crashPoints } from './catalogue.ts'
import type { Firing } from './fire.ts'
import { crashModes } from './modes.ts'
import { policy } from './sweeps.ts'

export interface FiringPlan {
  readonly seed: number
  /** In how many of its modes each point is stopped at. */
  readonly modesEach: number
  /** The points are dealt into so many parts, and only one is taken: that many seeds in a row take all of them. */
  readonly parts?: number
}

/** Points in so many of their modes, in an order that the seed decides. */
export function planFirings({ seed, modesEach, parts = 1 }: FiringPlan): Firing[] {
  const chance = chanceOf(seed)
  const dealt = shuffled(crashPoints, chanceOf(Math.floor(seed / parts)))
  const points = dealt.filter((_, n) => n % parts === seed % parts)
  const firings = points.flatMap((point) => {
    const first = chance.below(crashModes.length)
    return Array.from({ length: modesEach }, (_, n) => ({ point, mode: crashModes[(first + n) % crashModes.length]! }))
  })
  return shuffled(firings, chance)
}

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = chance.below(last + 1)
    ;[mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!]
  }
  return mixed
}

const { lockMs, backoff } = policyOf(specificationSchema.parse(smallSpecification({ policy })))

/** Two lock durations and the largest backoff. */
export const boundMs = 2 * lockMs + backoff.toMs
