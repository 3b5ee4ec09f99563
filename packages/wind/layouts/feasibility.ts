import { boundaryToleranceM, type Polygon, signedDistanceM } from '../areas/polygon.ts'
import type { Layout } from './layout.ts'
import { spacingViolations } from './spacing.ts'

/**
 * Why a layout may not be built: turbine `turbine` stands `distanceM` metres outside the boundary, or the two `turbines` stand
 * only `distanceM` metres apart. A coordinate that is not a number gives a `distanceM` of NaN.
 */
export type Infeasibility =
  | { readonly kind: 'outside-boundary'; readonly turbine: number; readonly distanceM: number }
  | { readonly kind: 'spacing-violated'; readonly turbines: readonly [number, number]; readonly distanceM: number }

export interface SiteConstraints {
  readonly boundary: Polygon
  readonly minSpacingM: number
}

/** How much nearer than the spacing (metres) two turbines may stand before it counts: rounding of UTM coordinates, no more. */
const spacingToleranceM = 1e-6

/**
 * Lists everything that makes a layout infeasible: turbines outside the boundary first, then pairs nearer than the spacing.
 * An empty list means feasible. Only rounding is forgiven: 1e-6 m at the boundary and 1e-6 m in the spacing.
 */
export function infeasibilities(layout: Layout, { boundary, minSpacingM }: SiteConstraints): Infeasibility[] {
  const found: Infeasibility[] = []
  for (let turbine = 0; turbine < layout.xM.length; turbine++) {
    const insideM = signedDistanceM(boundary, layout.xM[turbine]!, layout.yM[turbine]!)
    if (!(insideM >= -boundaryToleranceM)) found.push({ kind: 'outside-boundary', turbine, distanceM: -insideM })
  }
  for (const { turbines, distanceM } of spacingViolations(layout, minSpacingM - spacingToleranceM)) {
    found.push({ kind: 'spacing-violated', turbines, distanceM })
  }
  return found
}
