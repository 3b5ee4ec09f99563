import { polygonFrom } from '@windrow/wind/areas/polygon.ts'
import type { Layout } from '@windrow/wind/layouts/layout.ts'
import { NoFeasiblePositionsError } from '@windrow/wind/optimizers/no-feasible-positions.ts'
import { smartStart } from '@windrow/wind/optimizers/smart-start.ts'
import { WindrowError } from '../errors/windrow-error.ts'
import type { OptimizeOptions } from './optimize.ts'
import type { Problem } from './problem.ts'
import { windModelOf } from './wind-model.ts'

/** SmartStart on a problem. NO_FEASIBLE_POSITIONS names area and turbine type, and says how many turbines fitted. */
export function runSmartStart(problem: Problem, { onProgress }: OptimizeOptions): Layout {
  const { boundary, nTurbines, optimizer, minSpacingM, seed } = problem
  try {
    const { layout } = smartStart({
      boundary: polygonFrom(boundary.x, boundary.y),
      model: windModelOf(problem),
      nTurbines,
      gridSize: optimizer.gridSize,
      randomPct: optimizer.randomPct,
      minSpacingM,
      seed,
      ...(onProgress ? { onProgress } : {}),
    })
    return layout
  } catch (error) {
    throw error instanceof NoFeasiblePositionsError ? tooSmall(problem, error) : error
  }
}

function tooSmall(problem: Problem, cause: NoFeasiblePositionsError): WindrowError {
  const { key, areaName, typeName, minSpacingM, optimizer } = problem
  const { fitted, wanted } = cause
  const grid = `${optimizer.gridSize} x ${optimizer.gridSize}`
  return new WindrowError('NO_FEASIBLE_POSITIONS', {
    message: `No feasible positions in area ${areaName} for turbine type ${typeName}: ${fitted} of ${wanted} turbines fitted, ${minSpacingM} m apart, on a grid of ${grid} points.`,
    cause,
    context: { key, area: areaName, type: typeName, fitted, wanted, minSpacingM, gridSize: optimizer.gridSize },
  })
}
