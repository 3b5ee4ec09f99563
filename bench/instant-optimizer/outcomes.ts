import { writeFile } from 'node:fs/promises'
import { type Outcome, optimize } from '@windrow/common/optimizing/optimize.ts'
import { type Problem, problemOf } from '@windrow/common/optimizing/problem.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { z } from 'zod'

const coordinates = z.array(z.number())
export const outcomesSchema = z.record(z.string(), z.object({ xM: coordinates, yM: coordinates, aepGWh: z.number() }))

/** What configurations that differ in nothing but their seed have in common. */
export const outcomeId = ({ areaName, typeName }: Problem): string => `${areaName} ${typeName}`

/**
 * From now on this process' children optimize in no time: a real layout of every pair of area and turbine type is computed
 * here, and every configuration of the pair gets it. Returns them by `outcomeId`.
 */
export async function optimizeInstantly(plan: SweepPlan, file: string): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  for (let index = 0; index < plan.total; index++) {
    const problem = problemOf(plan.at(index), plan.specification)
    const id = outcomeId(problem)
    if (!outcomes.has(id)) outcomes.set(id, optimize(problem))
  }
  const written = [...outcomes].map(([id, { layout, aepGWh }]) => [
    id,
    { xM: [...layout.xM], yM: [...layout.yM], aepGWh },
  ])
  await writeFile(file, JSON.stringify(Object.fromEntries(written)))
  // Children get NODE_OPTIONS of the environment, and nothing else that names the file.
  const preload = new URL('./preload.ts', import.meta.url)
  preload.searchParams.set('outcomes', file)
  process.env.NODE_OPTIONS = `--import=${preload.href}`
  return outcomes
}
