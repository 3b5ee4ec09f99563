import { piecewiseEnergy } from './piecewise-energy.ts'
import type { WindModel } from './wind-model.ts'

const hoursPerYear = 8760

/**
 * The yearly energy (GWh) of one turbine while the wind comes from direction `direction` (an index into the rose), given the
 * sum of the squared deficits that reach it: the sum over all speeds U of probability * power(U (1 - sqrt(sum))) * 8760 h.
 */
export type ExpectedEnergy = (direction: number, squaredDeficits: number) => number

/** Prepares `ExpectedEnergy` for a model; kept with the model, because preparing it costs some milliseconds. */
export function expectedEnergyGWh(model: WindModel): ExpectedEnergy {
  const kept = prepared.get(model)
  if (kept) return kept
  const direct = summedEnergyGWh(model)
  const energy = piecewiseEnergy(model, direct) ?? direct
  prepared.set(model, energy)
  return energy
}

const prepared = new WeakMap<WindModel, ExpectedEnergy>()

/** Speed by speed, as it is defined. */
export function summedEnergyGWh({ rose, turbine }: WindModel): ExpectedEnergy {
  const { speedsMs } = rose
  const { powerMw } = turbine
  const speeds = speedsMs.length
  const gwhPerMw = rose.probability.map((probability) => (probability * hoursPerYear) / 1000)
  return (direction, squaredDeficits) => {
    const left = 1 - Math.sqrt(squaredDeficits)
    let energyGWh = 0
    for (let s = 0, at = direction * speeds; s < speeds; s++, at++) {
      energyGWh += gwhPerMw[at]! * powerMw(speedsMs[s]! * left)
    }
    return energyGWh
  }
}
