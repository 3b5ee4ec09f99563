import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { namedAttributes } from '@windrow/common/optimizing/result-of.ts'
import { evaluation } from '@windrow/common/results/problem-evaluation.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { judgeRow, type RowExpectation } from '@windrow/common/wrecks/judge-row.ts'
import type { FileFault, RowFault, WreckFile, WreckRow } from '@windrow/common/wrecks/wreck.ts'
import type { WreckReader } from '@windrow/common/wrecks/wreck-reader.ts'
import { identifyRow } from './identify-row.ts'
import type { WreckPath } from './list-wreck.ts'
import { contentOf, type FileFacts, type RowFacts, type Survey } from './wreck-facts.ts'

const filesAtOnce = 8

/**
 * Reads every file once and holds every row against the specification. Nothing but facts is kept: the memory grows with the
 * number of rows, not with their layouts. Throws WRECK_CONTRADICTS when the merged file was made with other parameters.
 */
export async function surveyWreck(
  paths: readonly WreckPath[],
  { plan, reader }: { plan: SweepPlan; reader: WreckReader },
): Promise<Survey> {
  const files: FileFacts[] = []
  const rows: RowFacts[] = []
  const reading = readAhead(paths.entries(), filesAtOnce, async ([file, path]) => {
    const found: RowFacts[] = []
    const read = await reader.read(path.path, (some) => {
      for (const row of some) found.push(factsOf(row, { file, plan }))
    })
    return { facts: { ...path, ...held(read, { path, plan }) }, found }
  })
  for await (const { facts, found } of reading) {
    files.push(facts)
    if (facts.fault === undefined) rows.push(...found)
  }
  return { files, rows }
}

function factsOf(row: WreckRow, { file, plan }: { file: number; plan: SweepPlan }): RowFacts {
  const index = identifyRow(row, plan)
  const fault = faultOf(row, { index, plan })
  const { place, layout, aep = Number.NaN } = row
  const key = index === undefined ? row.key : plan.keyAt(index)
  const content = fault === undefined ? contentOf({ layout, aep }) : ''
  return { file, place, key, index, content, aepGWh: aep, fault }
}

function faultOf(row: WreckRow, { index, plan }: { index: number | undefined; plan: SweepPlan }): RowFault | undefined {
  if (index !== undefined) return judgeRow(row, expectationOf(plan, index), evaluation)
  return { cause: 'not_in_specification', detail: `${plan.sweep} has no configuration ${row.key}.` }
}

function expectationOf(plan: SweepPlan, index: number): RowExpectation {
  const problem = problemOf(plan.at(index), plan.specification)
  const { boundary, minSpacingM, nTurbines } = problem
  return { attributes: namedAttributes(problem), boundary, minSpacingM, nTurbines }
}

/** The file as it was read, or with the fault that its parameters are not those of the specification. */
function held(file: WreckFile, { path, plan }: { path: WreckPath; plan: SweepPlan }): WreckFile {
  const fault = file.fault === undefined ? contradiction(file, plan) : undefined
  if (fault === undefined) return file
  if (!path.merged) return { ...file, fault }
  throw new WindrowError('WRECK_CONTRADICTS', {
    message: `${path.path}: ${fault.detail}`,
    context: { path: path.path },
  })
}

/** Keys leave these parameters out, so that a result of other ones looks the same. */
function contradiction({ rootAttributes }: WreckFile, { specification }: SweepPlan): FileFault | undefined {
  const { grid_size, random_pct } = specification.optimizer
  for (const [name, wanted] of Object.entries({ grid_size, random_pct })) {
    const found = rootAttributes[name]
    if (found === undefined || Number(found) === wanted) continue
    const detail = `It was made with ${name} ${found}; the specification says ${wanted}.`
    return { cause: 'contradicts_specification', detail }
  }
  return undefined
}
