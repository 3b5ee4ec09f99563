import { type Axis, strideOf } from '../sweep/axes.ts'
import { gridOf } from '../sweep/grid.ts'
import type { Specification } from '../sweep/specification.ts'
import { problemOf } from './problem.ts'

/**
 * Makes sure before anything is submitted that every point of every axis describes a part of a layout problem: looks at each
 * axis by itself, the others at their first point. PROBLEM_INVALID names axis, point and field. Whether the turbines fit
 * into an area is for the optimizer to find.
 */
export function checkProblems(specification: Specification): void {
  const grid = gridOf(specification)
  for (const [a, axis] of grid.axes.entries()) {
    const stride = strideOf(grid.axes, a)
    for (const place of placesToCheck(axis)) problemOf({ index: 0, ...grid.at(place * stride) }, specification)
  }
}

/** Of a range the ends are enough: limits are intervals, and all between them are whole numbers, too. */
function placesToCheck(axis: Axis): Iterable<number> {
  return axis.isRange ? [0, axis.length - 1] : Array(axis.length).keys()
}
