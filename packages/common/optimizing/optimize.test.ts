import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { planOfSpecification } from '../sweep/expand.ts'
import { readSpecification } from '../sweep/read-specification.ts'
import { smallSpecification, squareArea, turbineType } from '../sweep/small-specification.ts'
import { evaluateLayout } from './evaluate.ts'
import { type OptimizerProgress, optimize } from './optimize.ts'
import { type Problem, problemOf } from './problem.ts'

const specification = smallSpecification()
const plan = planOfSpecification(specification)
const problemAt = (index: number): Problem => problemOf(plan.at(index), specification)

test('the same problem gives the same bits, also after others and through JSON', () => {
  const first = optimize(problemAt(0))
  for (let index = 1; index < plan.total; index++) optimize(problemAt(index))
  const again: Problem = JSON.parse(JSON.stringify(problemAt(0)))
  assert.deepEqual(optimize(again), first)
  assert.notDeepEqual(optimize(problemAt(1)).layout, first.layout)
})

test('the AEP is that of the layout it comes with, and the layout is feasible', () => {
  for (let index = 0; index < plan.total; index++) {
    const problem = problemAt(index)
    const { layout, aepGWh } = optimize(problem)
    const evaluation = evaluateLayout(problem, { xM: Array.from(layout.xM), yM: Array.from(layout.yM) })
    assert.equal(evaluation.aepGWh, aepGWh)
    assert.deepEqual(evaluation.infeasibilities, [])
    assert.equal(layout.xM.length, problem.nTurbines)
    // Four turbines of 3 MW cannot give more than this in a year of 8760 h.
    assert.ok(aepGWh > 0 && aepGWh < 4 * 3 * 8.76)
  }
})

test('a layout outside its area, or too dense, is told so', () => {
  const { infeasibilities } = evaluateLayout(problemAt(0), { xM: [100, 200, 9000], yM: [100, 100, 100] })
  assert.deepEqual(infeasibilities.map(({ kind }) => kind).sort(), ['outside-boundary', 'spacing-violated'])
})

test('progress is told for every turbine', () => {
  const told: OptimizerProgress[] = []
  optimize(problemAt(0), { onProgress: (progress) => told.push(progress) })
  assert.deepEqual(
    told.map(({ placed, wanted }) => [placed, wanted]),
    [1, 2, 3, 4].map((placed) => [placed, 4]),
  )
})

test('an area too small for its turbines names area and type, and how many fitted', () => {
  const crowded = smallSpecification({
    axes: { area: [{ ...squareArea(0, 500), name: 'pond' }], turbine: [turbineType('big', 150)], seed: [0] },
  })
  const problem = problemOf(planOfSpecification(crowded).at(0), crowded)
  assert.throws(() => optimize(problem), {
    code: 'NO_FEASIBLE_POSITIONS',
    message:
      /^No feasible positions in area pond for turbine type type=big \(3 MW, D 150 m\): [123] of 4 turbines fitted, 450 m apart, on a grid of 8 x 8 points\.$/,
  })
})

test('an unknown optimizer is refused with those there are', () => {
  const problem = { ...problemAt(0), optimizer: { name: 'smartstart', gridSize: 8, randomPct: 30 } }
  assert.throws(() => optimize(problem), {
    code: 'OPTIMIZER_UNKNOWN',
    message: 'No optimizer is called smartstart. Did you mean smart-start? Known: smart-start.',
  })
})

test('an area of the Danish Energy Island gets its hundred turbines, three diameters apart', async () => {
  const path = fileURLToPath(new URL('../../../examples/quickstart.yaml', import.meta.url))
  const quickstart = await readSpecification(path)
  const problem = problemOf(planOfSpecification(quickstart).at(0), quickstart)
  const { layout, aepGWh } = optimize(problem)
  assert.equal(layout.xM.length, 100)
  assert.deepEqual(evaluateLayout(problem, layout).infeasibilities, [])
  // 1000 MW at a capacity factor of 50 to 70 %, as in the North Sea.
  assert.ok(aepGWh > 4380 && aepGWh < 6132, String(aepGWh))
})
