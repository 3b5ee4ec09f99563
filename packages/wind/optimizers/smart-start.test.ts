import assert from 'node:assert/strict'
import { test } from 'node:test'
import { farmAepGWh } from '../aep/farm-aep.ts'
import type { WindModel } from '../aep/wind-model.ts'
import { gridInside } from '../areas/grid.ts'
import { polygonFrom } from '../areas/polygon.ts'
import { danishAreas, danishResource, danishTurbineTypes } from '../fixtures/danish-energy-island.ts'
import { caseStudy1 } from '../fixtures/iea37-case-study-1.ts'
import { infeasibilities } from '../layouts/feasibility.ts'
import { layoutFrom } from '../layouts/layout.ts'
import { weibullRose } from '../resource/weibull-rose.ts'
import { genericTurbine } from '../turbines/generic-turbine.ts'
import { iea37Gaussian } from '../wakes/iea37-gaussian.ts'
import { CandidateMap } from './candidate-map.ts'
import { NoFeasiblePositionsError } from './no-feasible-positions.ts'
import { type SmartStartInput, type SmartStartProgress, smartStart } from './smart-start.ts'

const speedsMs = Array.from({ length: 23 }, (_, i) => 3 + i)
const roses = { 12: danishRose(12), 36: danishRose(36), 360: danishRose(360) }

function danishRose(directions: number) {
  return weibullRose(danishResource, { directions, speedsMs })
}

function danishInput(areaIndex: number, typeIndex: number, directions: 12 | 36 | 360): SmartStartInput {
  const type = danishTurbineTypes[typeIndex]!
  const model: WindModel = { wake: iea37Gaussian, turbine: genericTurbine(type), rose: roses[directions] }
  return {
    boundary: danishAreas[areaIndex]!,
    model,
    nTurbines: type.nTurbines,
    gridSize: 18,
    randomPct: 30,
    minSpacingM: 3 * type.rotorDiameterM,
    seed: 0,
  }
}

const squareKm = polygonFrom([0, 1000, 1000, 0], [0, 0, 1000, 1000])
const small: SmartStartInput = {
  boundary: squareKm,
  model: caseStudy1,
  nTurbines: 4,
  gridSize: 5,
  randomPct: 0,
  minSpacingM: 260,
  seed: 1,
}

test('every area and turbine type of the Danish Energy Island gets a feasible layout from several seeds', () => {
  for (const areaIndex of danishAreas.keys()) {
    for (const typeIndex of danishTurbineTypes.keys()) {
      const input = danishInput(areaIndex, typeIndex, 12)
      for (const seed of [0, 1, 2, 49]) {
        const { layout } = smartStart({ ...input, seed })
        assert.equal(layout.xM.length, input.nTurbines)
        assert.deepEqual(infeasibilities(layout, input), [])
      }
    }
  }
})

test('the same seed gives the same bits, and different seeds different layouts', () => {
  const input = danishInput(0, 5, 360)
  const first = smartStart(input)
  assert.deepEqual(smartStart(input), first)
  const others = [1, 2, 3].map((seed) => Array.from(smartStart({ ...input, seed }).layout.xM).join())
  assert.equal(new Set([Array.from(first.layout.xM).join(), ...others]).size, 4)
})

test('choosing among the best positions beats choosing among all of them', () => {
  const input = danishInput(1, 5, 36)
  const mean = (randomPct: number) => {
    const aepsGWh = [0, 1, 2, 3].map((seed) =>
      farmAepGWh(smartStart({ ...input, randomPct, seed }).layout, input.model),
    )
    return aepsGWh.reduce((sum, aepGWh) => sum + aepGWh, 0) / aepsGWh.length
  }
  assert.ok(mean(10) > mean(100))
})

test('an area too small for its turbines throws with how many fitted', () => {
  const error = new NoFeasiblePositionsError(4, 5)
  assert.throws(() => smartStart({ ...small, gridSize: 2, nTurbines: 5 }), error)
  assert.throws(() => smartStart({ ...small, minSpacingM: 2000 }), new NoFeasiblePositionsError(1, 4))
})

test('an area between the grid points has no positions at all', () => {
  const sliver = polygonFrom([100, 1000, 900, 0], [0, 999, 1000, 1])
  assert.throws(() => smartStart({ ...small, boundary: sliver, gridSize: 2 }), new NoFeasiblePositionsError(0, 4))
})

test('the spacing is kept exactly: points just that far apart stay, nearer ones go', () => {
  assert.equal(smartStart({ ...small, minSpacingM: 250, nTurbines: 25 }).layout.xM.length, 25)
  assert.throws(() => smartStart({ ...small, minSpacingM: 250.001, nTurbines: 25 }), NoFeasiblePositionsError)
})

test('progress is told after every placement', () => {
  const seen: SmartStartProgress[] = []
  const { evaluations } = smartStart({ ...small, minSpacingM: 100, onProgress: (progress) => seen.push(progress) })
  assert.deepEqual(seen, [
    { placed: 1, wanted: 4, evaluations: 25 },
    { placed: 2, wanted: 4, evaluations: 25 + 24 },
    { placed: 3, wanted: 4, evaluations: 25 + 24 + 23 },
    { placed: 4, wanted: 4, evaluations: 25 + 24 + 23 + 22 },
  ])
  assert.equal(evaluations, 94)
})

test('the incremental map gives each candidate what adding up all wakes anew gives it', () => {
  const candidates = gridInside(squareKm, 4)
  const map = new CandidateMap(candidates, caseStudy1)
  for (const candidate of [5, 0, 10]) map.place(candidate, 1)
  const placed = [5, 0, 10].map((i) => ({ x: candidates.xM[i]!, y: candidates.yM[i]! }))
  assert.equal(map.free.length, 13)
  const own = map.aepGWh()
  map.free.forEach((candidate, i) => {
    assert.ok(Math.abs(own[i]! - ownAepGWh(placed, candidates.xM[candidate]!, candidates.yM[candidate]!)) < 1e-12)
  })
})

/** The same from the equations, for every pair and direction anew. */
function ownAepGWh(placed: readonly { x: number; y: number }[], x: number, y: number): number {
  const { rose, turbine, wake } = caseStudy1
  const deficit = wake.behindRotor(turbine.rotorDiameterM)
  let aepGWh = 0
  rose.directionsDeg.forEach((directionDeg, direction) => {
    const rad = (directionDeg * Math.PI) / 180
    const [east, north] = [-Math.sin(rad), -Math.cos(rad)]
    const squared = placed.map((other) => {
      const downwindM = (x - other.x) * east + (y - other.y) * north
      return downwindM > 1e-6 ? deficit(downwindM, (x - other.x) * north - (y - other.y) * east) : 0
    })
    const left = 1 - Math.sqrt(squared.reduce((sum, value) => sum + value, 0))
    aepGWh += (rose.probability[direction]! * turbine.powerMw(9.8 * left) * 8760) / 1000
  })
  return aepGWh
}

test('with no randomness each turbine stands where its own AEP is highest', () => {
  const { layout } = smartStart({ ...small, nTurbines: 2, minSpacingM: 1 })
  const candidates = gridInside(squareKm, 5)
  const first = [{ x: layout.xM[0]!, y: layout.yM[0]! }]
  const best = Math.max(
    ...Array.from(candidates.xM, (x, i) => [x, candidates.yM[i]!] as const)
      .filter(([x, y]) => x !== first[0]!.x || y !== first[0]!.y)
      .map(([x, y]) => ownAepGWh(first, x, y)),
  )
  assert.ok(Math.abs(ownAepGWh(first, layout.xM[1]!, layout.yM[1]!) - best) < 1e-12)
})

test('input out of range is refused', () => {
  for (const wrong of [
    { nTurbines: 0 },
    { nTurbines: 1.5 },
    { gridSize: 1 },
    { randomPct: 101 },
    { randomPct: Number.NaN },
  ]) {
    assert.throws(() => smartStart({ ...small, ...wrong }), RangeError)
  }
  for (const wrong of [{ minSpacingM: -1 }, { minSpacingM: Number.NaN }, { seed: -1 }]) {
    assert.throws(() => smartStart({ ...small, ...wrong }), RangeError)
  }
})

test('a layout that is made of the same positions in another order has the same AEP', () => {
  const { layout } = smartStart(small)
  const turned = layoutFrom(layout.xM.toReversed(), layout.yM.toReversed())
  assert.ok(Math.abs(farmAepGWh(turned, caseStudy1) - farmAepGWh(layout, caseStudy1)) < 1e-12)
})
