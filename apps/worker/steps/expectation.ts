import { expectationOf } from '@windrow/common/optimizing/expectation-of.ts'
import { type Problem, problemOf } from '@windrow/common/optimizing/problem.ts'
import type { ResultExpectation } from '@windrow/common/results/verdict.ts'
import type { SweepAtWork } from './ports.ts'

export interface ConfigurationAtWork {
  readonly index: number
  readonly key: string
  readonly digest: string
  readonly problem: Problem
  readonly expectation: ResultExpectation
}

/** What the configuration asks of its optimizer, and of the result. Throws PROBLEM_INVALID. */
export function configurationAtWork({ plan }: SweepAtWork, index: number): ConfigurationAtWork {
  const configuration = plan.at(index)
  const problem = problemOf(configuration, plan.specification)
  const digest = plan.digestAt(index)
  return {
    index,
    key: configuration.key,
    digest,
    problem,
    expectation: expectationOf(problem, digest),
  }
}
