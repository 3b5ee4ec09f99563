import { farmAepGWh } from '@windrow/wind/aep/farm-aep.ts'
import { polygonFrom } from '@windrow/wind/areas/polygon.ts'
import { type Infeasibility, infeasibilities } from '@windrow/wind/layouts/feasibility.ts'
import { layoutFrom } from '@windrow/wind/layouts/layout.ts'
import type { Problem } from './problem.ts'
import { windModelOf } from './wind-model.ts'

export interface Evaluation {
  /** Over the full rose of the problem; NaN when a coordinate is. */
  readonly aepGWh: number
  /** Turbines outside the boundary and pairs too near to each other; empty for a layout that may be built. */
  readonly infeasibilities: readonly Infeasibility[]
}

/**
 * Evaluates a layout (metres, both rows of one length) on the model of a problem. The same layout and problem give the
 * same bits. Throws RangeError when the rows differ in length; their number against `nTurbines` is not looked at.
 */
export function evaluateLayout(
  problem: Problem,
  { xM, yM }: { readonly xM: ArrayLike<number>; readonly yM: ArrayLike<number> },
): Evaluation {
  const layout = layoutFrom(xM, yM)
  const boundary = polygonFrom(problem.boundary.x, problem.boundary.y)
  return {
    aepGWh: farmAepGWh(layout, windModelOf(problem)),
    infeasibilities: infeasibilities(layout, { boundary, minSpacingM: problem.minSpacingM }),
  }
}
