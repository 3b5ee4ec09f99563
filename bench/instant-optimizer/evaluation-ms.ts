import { evaluateLayout } from '@windrow/common/optimizing/evaluate.ts'
import type { Outcome } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { medianOf } from '../running/medians.ts'
import { outcomeId } from './outcomes.ts'

const mostEvaluated = 150
const warmUp = 30

/** How long the AEP of a layout of so many turbines takes to evaluate again, most of its validation: the median, ms. */
export function evaluationMs(plan: SweepPlan, outcomes: ReadonlyMap<string, Outcome>, turbines: number): number {
  const took: number[] = []
  for (let index = 0; index < plan.total && took.length < mostEvaluated; index++) {
    const problem = problemOf(plan.at(index), plan.specification)
    if (problem.nTurbines !== turbines) continue
    const { layout } = outcomes.get(outcomeId(problem))!
    const start = performance.now()
    evaluateLayout(problem, layout)
    took.push(performance.now() - start)
  }
  return medianOf(took.slice(warmUp))
}
