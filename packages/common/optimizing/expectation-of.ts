import type { ResultExpectation } from '../results/verdict.ts'
import type { Problem } from './problem.ts'
import { namedAttributes } from './result-of.ts'

/** All that the result of a configuration is held against: identity, attributes, turbines, boundary, spacing, and its AEP evaluated again. */
export function expectationOf(problem: Problem, configurationDigest: string): ResultExpectation {
  const { key, nTurbines, boundary, minSpacingM } = problem
  const attributes = namedAttributes(problem)
  return { key, configurationDigest, nTurbines, boundary, minSpacingM, attributes, problem }
}
