import { policyOf } from '@windrow/common/sweep/policy.ts'
import { specificationSchema } from '@windrow/common/sweep/specification.ts'
import { smallSpecification } from '../fixtures/small-sweep.ts'
import { chanceOf } from '../simulation/chance.ts'
import { crashPoints } from './catalogue.ts'
import type { Firing } from './fire.ts'
import { crashModes } from './modes.ts'
import { policy } from './sweeps.ts'

/** Every point in so many of its modes, in an order that the seed decides. */
export function planFirings({ seed, modesEach }: { seed: number; modesEach: number }): Firing[] {
  const chance = chanceOf(seed)
  const firings = crashPoints.flatMap((point) => {
    const first = chance.below(crashModes.length)
    return Array.from({ length: modesEach }, (_, n) => ({ point, mode: crashModes[(first + n) % crashModes.length]! }))
  })
  for (let last = firings.length - 1; last > 0; last--) {
    const other = chance.below(last + 1)
    ;[firings[last], firings[other]] = [firings[other]!, firings[last]!]
  }
  return firings
}

const { lockMs, backoff } = policyOf(specificationSchema.parse(smallSpecification({ policy })))

/** Two lock durations and the largest backoff. */
export const boundMs = 2 * lockMs + backoff.toMs
