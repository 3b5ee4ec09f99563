import { polygonFrom } from '@windrow/wind/areas/polygon.ts'
import { infeasibilities } from '@windrow/wind/layouts/feasibility.ts'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { evaluateLayout } from '../optimizing/evaluate.ts'
import { problemSchema } from '../optimizing/problem.ts'
import type { LayoutConstraints, LayoutEvaluation, LayoutFault, Positions } from './validate-result.ts'

/** Geometry and AEP as the optimizers of this project have them. */
export const evaluation: LayoutEvaluation = { infeasibilities: faultsOf, reevaluateAepGWh }

function faultsOf(layout: Positions, { boundary, minSpacingM = 0 }: LayoutConstraints): readonly LayoutFault[] {
  // Without a boundary every turbine is inside: only the spacing is asked about.
  const polygon = boundary === undefined ? boundingBoxOf(layout) : polygonFrom(boundary.x, boundary.y)
  return infeasibilities(layout, { boundary: polygon, minSpacingM })
}

function boundingBoxOf({ xM, yM }: Positions) {
  const [west, east] = [xM.reduce(smaller) - 1, xM.reduce(larger) + 1]
  const [south, north] = [yM.reduce(smaller) - 1, yM.reduce(larger) + 1]
  return polygonFrom([west, east, east, west], [south, south, north, north])
}

const smaller = (one: number, other: number) => Math.min(one, other)
const larger = (one: number, other: number) => Math.max(one, other)

function reevaluateAepGWh(problem: unknown, layout: Positions): number {
  const parsed = problemSchema.safeParse(problem)
  if (parsed.success) return evaluateLayout(parsed.data, layout).aepGWh
  throw new WindrowError('PROBLEM_INVALID', {
    message: `The problem to evaluate the layout on is not one Windrow wrote: ${messageOf(parsed.error)}`,
    cause: parsed.error,
  })
}
