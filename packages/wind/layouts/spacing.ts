import type { Layout } from './layout.ts'

/** Two turbines, by index (first < second), that stand `distanceM` apart, nearer than asked for. */
export interface SpacingViolation {
  readonly turbines: readonly [number, number]
  readonly distanceM: number
}

/**
 * Lists every pair of turbines nearer to each other than `minSpacingM` (metres), in order of their indices.
 * A pair whose distance is not a number counts as a violation. Quadratic in the number of turbines.
 */
export function spacingViolations(layout: Layout, minSpacingM: number): SpacingViolation[] {
  const { xM, yM } = layout
  const violations: SpacingViolation[] = []
  for (let i = 0; i < xM.length; i++) {
    for (let j = i + 1; j < xM.length; j++) {
      const distanceM = Math.hypot(xM[i]! - xM[j]!, yM[i]! - yM[j]!)
      if (!(distanceM >= minSpacingM)) violations.push({ turbines: [i, j], distanceM })
    }
  }
  return violations
}
