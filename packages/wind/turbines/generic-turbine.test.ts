import assert from 'node:assert/strict'
import { test } from 'node:test'
import { genericTurbine } from './generic-turbine.ts'
import type { Turbine } from './turbine.ts'

const speedsMs = [2.95, 3, 4.05, 6, 8.33, 10, 11.5, 12, 13, 14, 17, 25]

function assertPowersKw({ powerMw }: Turbine, expectedKw: readonly number[]): void {
  speedsMs.forEach((speedMs, i) => {
    const expected = expectedKw[i]!
    const actual = powerMw(speedMs) * 1000
    assert.ok(Math.abs(actual - expected) <= 1e-12 * expected, `${actual} kW at ${speedMs} m/s is not ${expected}`)
  })
}

// Expected values: PyWake's standard_power_ct_curve, run with numpy.
test('the power curve of a 10 MW turbine is that of PyWake', () => {
  assertPowersKw(
    genericTurbine({ rotorDiameterM: 195, hubHeightM: 121, ratedPowerMw: 10 }),
    [
      126.08590173393495, 137.2297117842831, 475.13311058986096, 1755.9138682425655, 4855.014732091268,
      8000.10404126434, 9597.347907844052, 9792.42746235986, 9950.996161233392, 9989.412475394258, 9999.89505821222,
      9999.999994499962,
    ],
  )
})

test('the power curve of a 15 MW turbine is that of PyWake', () => {
  assertPowersKw(
    genericTurbine({ rotorDiameterM: 240, hubHeightM: 150, ratedPowerMw: 15 }),
    [
      192.37325937499574, 209.25809327128118, 721.1201199712335, 2661.237723491423, 7355.3279121738715,
      12081.403928822196, 14424.38584842573, 14705.015980642494, 14931.039239512891, 14985.208517512832,
      14999.855003525845, 14999.999992391071,
    ],
  )
})

test('losses, density, maximum Cp and a calm wind are taken as PyWake takes them', () => {
  const turbine = genericTurbine({
    rotorDiameterM: 214,
    hubHeightM: 133,
    ratedPowerMw: 12,
    turbulenceIntensity: 0,
    maxPowerCoefficient: 0.45,
    airDensityKgM3: 1.2,
    constantGearLoss: 0.02,
    variableGearLoss: 0.01,
    generatorLoss: 0.04,
    converterLoss: 0.02,
  })
  assertPowersKw(
    turbine,
    [
      9.212940787712515, 18.42588157542503, 375.3503154979086, 1727.9510526034, 5002.841388186721, 8819.314725015742,
      12000, 12000, 12000, 12000, 12000, 12000,
    ],
  )
})

test('rated power in MW gives power in MW, never more than rated, and none without wind', () => {
  const { powerMw } = genericTurbine({ rotorDiameterM: 240, hubHeightM: 150, ratedPowerMw: 15 })
  for (let speedMs = -5; speedMs < 40; speedMs += 0.25) {
    assert.ok(powerMw(speedMs) >= 0 && powerMw(speedMs) <= 15)
  }
  assert.equal(powerMw(0), 0)
})

test('a diameter or a rated power that is not positive is refused', () => {
  assert.throws(() => genericTurbine({ rotorDiameterM: 0, hubHeightM: 150, ratedPowerMw: 15 }), RangeError)
  assert.throws(() => genericTurbine({ rotorDiameterM: 240, hubHeightM: 150, ratedPowerMw: Number.NaN }), RangeError)
})
