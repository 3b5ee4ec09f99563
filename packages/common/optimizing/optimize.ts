import { farmAepGWh } from '@windrow/wind/aep/farm-aep.ts'
import type { Layout } from '@windrow/wind/layouts/layout.ts'
import { WindrowError } from '../errors/windrow-error.ts'
import { didYouMean } from '../sweep/did-you-mean.ts'
import type { builtInOptimizers } from '../sweep/specification.ts'
import type { Problem } from './problem.ts'
import { runSmartStart } from './run-smart-start.ts'
import { windModelOf } from './wind-model.ts'

export interface OptimizeOptions {
  readonly onProgress?: (progress: OptimizerProgress) => void
}

export interface OptimizerProgress {
  readonly placed: number
  readonly wanted: number
  readonly evaluations: number
}

export interface Outcome {
  /** Positions of the turbines, metres. */
  readonly layout: Layout
  /** Of this very layout, over the full rose of the problem. */
  readonly aepGWh: number
}

type BuiltInOptimizer = (problem: Problem, options: OptimizeOptions) => Layout

const optimizers: Readonly<Record<(typeof builtInOptimizers)[number], BuiltInOptimizer>> = {
  'smart-start': runSmartStart,
}

/**
 * Solves a layout problem with the built-in optimizer it names. The same problem gives the same bits, on the same numerics.
 * Throws OPTIMIZER_UNKNOWN, or NO_FEASIBLE_POSITIONS when the area is too small for its turbines.
 */
export function optimize(problem: Problem, options: OptimizeOptions = {}): Outcome {
  const layout = optimizerOf(problem)(problem, options)
  return { layout, aepGWh: farmAepGWh(layout, windModelOf(problem)) }
}

function optimizerOf({ key, optimizer: { name } }: Problem): BuiltInOptimizer {
  const known = Object.entries(optimizers)
  const found = known.find(([candidate]) => candidate === name)
  if (found) return found[1]
  const names = known.map(([candidate]) => candidate)
  throw new WindrowError('OPTIMIZER_UNKNOWN', {
    message: `No optimizer is called ${name}.${didYouMean(name, names)} Known: ${names.join(', ')}.`,
    context: { key, optimizer: name, known: names },
  })
}
