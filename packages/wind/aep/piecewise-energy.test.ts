import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { weibullRose } from '../resource/weibull-rose.ts'
import { genericTurbine } from '../turbines/generic-turbine.ts'
import { iea37Gaussian } from '../wakes/iea37-gaussian.ts'
import { expectedEnergyGWh, summedEnergyGWh } from './expected-energy.ts'
import { piecewiseEnergy } from './piecewise-energy.ts'
import type { WindModel } from './wind-model.ts'

const speedsMs = Float64Array.from({ length: 23 }, (_, i) => i + 3)
const resource = { sectorFrequency: [0.2, 0.3, 0.5], weibullAMs: [9, 10, 11], weibullK: [2, 2.1, 2.3] }
const model: WindModel = {
  wake: iea37Gaussian,
  turbine: genericTurbine({ rotorDiameterM: 195, hubHeightM: 121, ratedPowerMw: 10 }),
  rose: weibullRose(resource, { directions: 36, speedsMs }),
}

describe('the piecewise linear energy', () => {
  const summed = summedEnergyGWh(model)
  const piecewise = piecewiseEnergy(model, summed)

  it('is the sum over all speeds but for rounding, at every loss and at its knots', () => {
    assert.ok(piecewise)
    for (const direction of [0, 5, 6, 17, 35]) {
      for (let step = 0; step <= 4000; step++) {
        const loss = step / 4000
        const [expected, got] = [summed(direction, loss * loss), piecewise(direction, loss * loss)]
        assert.ok(Math.abs(got - expected) <= 1e-12 * summed(direction, 0), `${direction} ${loss}: ${got} ${expected}`)
      }
    }
  })

  it('stays what it is where nothing of the wind is left', () => {
    assert.equal(piecewise!(3, 1), summed(3, 1))
    assert.equal(piecewise!(3, 4), summed(3, 4))
  })

  it('leaves roses of many distributions and other power curves to the sum', () => {
    const rose = { ...model.rose, probability: model.rose.probability.map((p, i) => p * (1 + i * 1e-9)) }
    const many = {
      ...model,
      rose: {
        ...rose,
        directionsDeg: new Float64Array(72),
        probability: new Float64Array([...rose.probability, ...rose.probability.map((p) => p * 1.1)]),
      },
    }
    assert.equal(piecewiseEnergy(many, summedEnergyGWh(many)), undefined)
    const { kneesMs: _knees, ...turbine } = model.turbine
    assert.equal(piecewiseEnergy({ ...model, turbine }, summed), undefined)
  })

  it('is prepared once for a model', () => {
    assert.equal(expectedEnergyGWh(model), expectedEnergyGWh(model))
  })
})
