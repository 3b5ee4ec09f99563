import { readFileSync } from 'node:fs'
import { evaluateLayout } from '@windrow/common/optimizing/evaluate.ts'
import { problemSchema } from '@windrow/common/optimizing/problem.ts'
import { z } from 'zod'

/**
 * Prints the AEP (GWh) of a layout, `{"x": [...], "y": [...]}` in metres on standard input, on the model of the problem at
 * `$WINDROW_PROBLEM`: the figure with which Windrow compares what an optimizer reports.
 */
const { configurationDigest: _, ...problem } = z
  .looseObject({ configurationDigest: z.string() })
  .parse(JSON.parse(readFileSync(process.env.WINDROW_PROBLEM!, 'utf8')))
const { x, y } = z.object({ x: z.array(z.number()), y: z.array(z.number()) }).parse(JSON.parse(readFileSync(0, 'utf8')))
console.log(JSON.stringify(evaluateLayout(problemSchema.parse(problem), { xM: x, yM: y }).aepGWh))
