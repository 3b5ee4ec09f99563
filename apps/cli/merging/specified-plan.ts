import { resolve } from 'node:path'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import { expectationOf } from '@windrow/common/optimizing/expectation-of.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import type { ResultExpectation } from '@windrow/common/results/verdict.ts'
import { planOfSpecification, type SweepPlan } from '@windrow/common/sweep/expand.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'

/** A specification that files are held against, which need not be in any store. */
export interface SpecifiedPlan {
  readonly plan: SweepPlan
  /** What it asks of a configuration; undefined when it has none of this key. */
  readonly expectationFor: (key: string) => ResultExpectation | undefined
}

/** Reads the specification of `--spec`, with the optimizers of `--optimizers`. */
export async function readSpecifiedPlan(
  { spec, optimizers }: { readonly spec: string; readonly optimizers?: string | undefined },
  workingDirectory: string,
): Promise<SpecifiedPlan> {
  const commands = await readCommandOptimizers(optimizers && resolve(workingDirectory, optimizers))
  const known = { optimizers: [...commands.keys()] }
  const plan = planOfSpecification(await readSpecification(resolve(workingDirectory, spec), known))
  return {
    plan,
    expectationFor: (key) => {
      const index = plan.indexOf(key)
      if (index === undefined) return undefined
      return expectationOf(problemOf(plan.at(index), plan.specification), plan.digestAt(index))
    },
  }
}
