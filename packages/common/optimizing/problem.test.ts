import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOfSpecification } from '../sweep/expand.ts'
import { smallSpecification, squareArea, turbineType } from '../sweep/small-specification.ts'
import { checkProblems } from './check-problems.ts'
import { type Problem, problemOf, problemSchema } from './problem.ts'

const { axes } = smallSpecification()
type Axes = Record<string, unknown>

function problemAt(index: number, changes: Axes = {}, key = smallSpecification().key): Problem {
  const specification = smallSpecification({ key, axes: { ...axes, ...changes } })
  return problemOf(planOfSpecification(specification).at(index), specification)
}
const refused = (changes: Axes, message: RegExp) =>
  assert.throws(() => problemAt(0, changes), { code: 'PROBLEM_INVALID', message })
const turbineWith = (changes: object) => ({ turbine: [{ ...turbineType('big', 120), ...changes }] })

test('a configuration becomes a problem that survives JSON', () => {
  const problem = problemAt(4)
  assert.deepEqual(problemSchema.parse(JSON.parse(JSON.stringify(problem))), problem)
  const { site: _site, ...rest } = problem
  assert.deepEqual(rest, {
    schema: 1,
    key: 'a0_small_s1',
    areaName: 'area_idx=0',
    typeName: 'type=small (3 MW, D 80 m)',
    boundary: { x: [0, 3000, 3000, 0], y: [0, 0, 3000, 3000] },
    nTurbines: 4,
    turbine: { rotorDiameterM: 80, hubHeightM: 100, ratedPowerMW: 3 },
    wake: 'iea37',
    directions: 16,
    speeds: { fromMs: 4, toMs: 16 },
    minSpacingM: 240,
    optimizer: { name: 'smart-start', gridSize: 8, randomPct: 30 },
    seed: 1,
    attributes: [
      { name: 'diameter', value: 80, kind: 'whole' },
      { name: 'area_idx', value: 0, kind: 'whole' },
      { name: 'type', value: 'small', kind: 'text' },
      { name: 'seed', value: 1, kind: 'whole' },
    ],
    extra: { hub: 100, rated_MW: 3 },
  })
})

test('the axes may be called anything, and be scalars by the names of the fields', () => {
  const specification = smallSpecification({
    key: '{n_turbines}-{diameter}-{ss_seed}',
    axes: {
      site: [{ boundary: { x: [0, 900, 900], y: [0, 0, 900] }, name: 'Ærø' }],
      n_turbines: [3, 5],
      diameter: [80, 90.5],
      machine: [{ hub_height: 90, rated_power_MW: 2 }],
      ss_seed: '7..8',
    },
  })
  checkProblems(specification)
  const problem = problemOf(planOfSpecification(specification).at(7), specification)
  assert.deepEqual(
    [problem.key, problem.nTurbines, problem.turbine.rotorDiameterM, problem.seed],
    ['5-90.5-8', 5, 90.5, 8],
  )
  assert.equal(problem.areaName, 'Ærø')
  assert.deepEqual(problem.boundary.y, [0, 0, 900])
  assert.deepEqual(problem.attributes, [
    { name: 'diameter', value: 90.5, kind: 'real' },
    { name: 'ss_seed', value: 8, kind: 'whole' },
  ])
})

test('a field is real in every configuration of a sweep when it is in one', () => {
  const kindOf = (D: number) => problemAt(0, { turbine: [turbineType('a', D), turbineType('b', 90.5)] }).attributes[0]
  assert.deepEqual(kindOf(80), { name: 'diameter', value: 80, kind: 'real' })
})

test('a bad field is named by axis, point and field', () => {
  refused(
    turbineWith({ D: '195' }),
    /Axis turbine, point type=big, field D: rotor diameter in metres must be a number from 1 to 500 \(it is "195"\)/,
  )
  refused(turbineWith({ rated_MW: 10_000_000 }), /field rated_MW: rated power in MW must be a number/)
  refused(turbineWith({ n_turbines: 2.5 }), /field n_turbines: number of turbines must be a whole number from 1/)
  refused({ seed: [-1] }, /Axis seed, point -1, field seed: seed must be a whole number from 0/)
  refused(
    { area: [{ ...squareArea(0, 1), name: 'north', x: 5 }] },
    /Axis area, point north, field x: an area needs a list/,
  )
})

test('a missing or doubled field is named with the names it may have', () => {
  const { hub: _hub, ...without } = turbineType('big', 120)
  refused(
    { turbine: [without] },
    /has no hub height in metres: none of the axes area, turbine, seed has a field hub or hub_height or hub_height_m/,
  )
  refused(turbineWith({ diameter: 120 }), /the same quantity is given twice, as turbine\.D and turbine\.diameter/)
  refused(
    turbineWith({ diameter: 120, rotor_diameter: 120 }),
    /as turbine\.D and turbine\.diameter and turbine\.rotor_diameter; keep one of them/,
  )
  const { y: _y, ...rest } = squareArea(0, 3000)
  refused({ area: [rest] }, /has no area: none of the axes .* has a field y/)
})

test('a polygon that bounds nothing is refused', () => {
  const area = (x: number[], y: number[]) => ({ area: [{ area_idx: 0, x, y }] })
  refused(area([0, 1, 2], [0, 1]), /x has 3 coordinates, y has 2|at least three coordinates/)
  refused(area([0, 1, 2, 3], [0, 1, 2]), /x has 4 coordinates, y has 3/)
  refused(area([0, 9, 9, 0], [0, 9, 0, 9]), /the edges of the area that start at vertices \d and \d cross or touch/)
  refused(area([0, 1, 0, 1], [0, 0, 0, 0]), /cross or touch|encloses no area|different vertices/)
})

test('scalar fields that no result can hold are refused', () => {
  refused(turbineWith({ note: 'x'.repeat(20_000) }), /more than 16384 characters/)
})

test('problems are checked at every point of every axis before anything is submitted', () => {
  const turbine = [turbineType('a', 100), turbineType('b', 100), { ...turbineType('c', 100), D: 0 }]
  const specification = smallSpecification({ axes: { ...axes, turbine } })
  assert.throws(() => checkProblems(specification), { code: 'PROBLEM_INVALID', message: /point type=c, field D/ })
  assert.throws(() => checkProblems(smallSpecification({ axes: { ...axes, seed: '-3..5' } })), {
    message: /point -3, field seed/,
  })
  checkProblems(smallSpecification({ axes: { ...axes, seed: '0..900000' } }))
})
