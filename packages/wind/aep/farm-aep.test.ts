import assert from 'node:assert/strict'
import { test } from 'node:test'
import { danishAreas, danishResource } from '../fixtures/danish-energy-island.ts'
import { hornsRev1, hornsRev1Layout } from '../fixtures/horns-rev-1.ts'
import { caseStudy1, exampleFarms } from '../fixtures/iea37-case-study-1.ts'
import { layoutFrom } from '../layouts/layout.ts'
import { roseOfOneSpeed } from '../resource/rose.ts'
import { weibullRose } from '../resource/weibull-rose.ts'
import { genericTurbine } from '../turbines/generic-turbine.ts'
import { iea37Gaussian } from '../wakes/iea37-gaussian.ts'
import { aepByDirectionGWh, farmAepGWh } from './farm-aep.ts'
import type { WindModel } from './wind-model.ts'

const speedsMs = Array.from({ length: 23 }, (_, i) => 3 + i)
const danishModel: WindModel = {
  wake: iea37Gaussian,
  turbine: genericTurbine({ rotorDiameterM: 240, hubHeightM: 150, ratedPowerMw: 15 }),
  rose: weibullRose(danishResource, { directions: 360, speedsMs }),
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`)
}

for (const turbines of [16, 36, 64] as const) {
  test(`IEA37 case study 1, ${turbines} turbines: the AEP and every direction's share are the published ones`, () => {
    const { layout, aepMwh, aepByDirectionMwh } = exampleFarms[turbines]
    assertNear(farmAepGWh(layout, caseStudy1) * 1000, aepMwh, 5e-6)
    const shares = aepByDirectionGWh(layout, caseStudy1)
    aepByDirectionMwh.forEach((expectedMwh, direction) => {
      assertNear(shares[direction]! * 1000, expectedMwh, 5e-6)
    })
  })
}

test('Horns Rev 1 with a constant CT over 360 directions and 23 speeds agrees with an independent calculation', () => {
  // A numpy calculation that gives PyWake's 694.1483188596 GWh with the V80's own CT gives this with CT = 8/9.
  assertNear(farmAepGWh(hornsRev1Layout, hornsRev1), 684.6872748058792, 684 * 1e-12)
})

test('one turbine has the sum of probability times power over the year', () => {
  // From PyWake's formulas in numpy: 15 MW generic turbine on the Danish Energy Island resource.
  assertNear(farmAepGWh(layoutFrom([700_000], [6_200_000]), danishModel), 83.82567413207586, 1e-10)
  const steady = { ...caseStudy1, rose: roseOfOneSpeed([90], [0.25], 12) }
  assert.equal(farmAepGWh(layoutFrom([0], [0]), steady), (0.25 * 8760 * 3.35) / 1000)
})

test('a turbine straight behind another loses what the wake equation says, and none abreast', () => {
  const west = { ...caseStudy1, rose: roseOfOneSpeed([270], [1], 9.8) }
  const alone = farmAepGWh(layoutFrom([0], [0]), west)
  const sigmaPerDiameter = 0.0324555 * 5 + 1 / Math.sqrt(8)
  const deficit = 1 - Math.sqrt(1 - 8 / 9 / (8 * sigmaPerDiameter * sigmaPerDiameter))
  const rising = (9.8 * (1 - deficit) - 4) / (9.8 - 4)
  assertNear(farmAepGWh(layoutFrom([0, 650], [0, 0]), west), alone * (1 + rising * rising * rising), 1e-12)
  assert.equal(farmAepGWh(layoutFrom([0, 0], [0, 130]), west), 2 * alone)
})

test('a direction without its opposite in the rose gives the same as with it', () => {
  const { layout } = exampleFarms[16]
  const all = aepByDirectionGWh(layout, caseStudy1)
  caseStudy1.rose.directionsDeg.forEach((directionDeg, direction) => {
    const rose = roseOfOneSpeed([directionDeg], [caseStudy1.rose.probability[direction]!], 9.8)
    assertNear(farmAepGWh(layout, { ...caseStudy1, rose }), all[direction]!, 1e-12)
  })
})

test('the order of the turbines does not change the AEP beyond rounding, and a repeated call not one bit', () => {
  const { layout } = exampleFarms[36]
  const aepGWh = farmAepGWh(layout, caseStudy1)
  const reversed = layoutFrom(layout.xM.toReversed(), layout.yM.toReversed())
  assertNear(farmAepGWh(reversed, caseStudy1), aepGWh, aepGWh * 1e-13)
  assert.equal(farmAepGWh(layout, caseStudy1), aepGWh)
})

test('moving a farm by UTM coordinates changes nothing beyond their rounding', () => {
  const { xM, yM } = danishAreas[0]!
  const here = farmAepGWh({ xM, yM }, danishModel)
  const moved = layoutFrom(
    xM.map((x) => x - xM[0]!),
    yM.map((y) => y - yM[0]!),
  )
  assertNear(farmAepGWh(moved, danishModel), here, here * 1e-12)
})

test('a farm without turbines yields nothing', () => {
  assert.equal(farmAepGWh(layoutFrom([], []), caseStudy1), 0)
})
