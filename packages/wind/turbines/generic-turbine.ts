import { tabulatedPowerCurve } from './tabulated-power-curve.ts'
import type { Turbine } from './turbine.ts'

/** What makes a generic turbine; everything below `ratedPowerMw` has a default. Losses and the maximum Cp are fractions. */
export interface GenericTurbine {
  readonly rotorDiameterM: number
  readonly hubHeightM: number
  readonly ratedPowerMw: number
  readonly turbulenceIntensity?: number
  readonly airDensityKgM3?: number
  readonly maxPowerCoefficient?: number
  readonly constantGearLoss?: number
  readonly variableGearLoss?: number
  readonly generatorLoss?: number
  readonly converterLoss?: number
}

/**
 * A turbine with a generic power curve: the aerodynamic power at the maximum Cp, less gear, generator and converter losses,
 * capped at rated power, and averaged over the turbulence. Tabulated at 0.1, 0.2, ... 29.9 m/s, linear in between; it has neither
 * cut-in nor cut-out.
 * Written from the equations of PyWake's `GenericWindTurbine` and `standard_power_ct_curve` (DTU Wind, MIT;
 * py_wake/wind_turbines/generic_wind_turbines.py and py_wake/utils/generic_power_ct_curves.py), whose power is in kW.
 * Throws RangeError when diameter or rated power is not positive.
 */
export function genericTurbine(generic: GenericTurbine): Turbine {
  const { rotorDiameterM, hubHeightM, ratedPowerMw, turbulenceIntensity = 0.1 } = generic
  if (!(rotorDiameterM > 0) || !(ratedPowerMw > 0)) {
    throw new RangeError('a generic turbine needs a positive rotor diameter (m) and rated power (MW)')
  }
  const speedsMs = Float64Array.from({ length: 299 }, (_, i) => 0.1 + i * 0.1)
  const steadyMw = speedsMs.map((speedMs) => steadyPowerMw(generic, speedMs))
  const powersMw = turbulenceIntensity > 0 ? turbulentMean(steadyMw, speedsMs, turbulenceIntensity) : steadyMw
  return {
    rotorDiameterM,
    hubHeightM,
    ratedPowerMw,
    powerMw: tabulatedPowerCurve(speedsMs, powersMw),
    kneesMs: speedsMs,
  }
}

function steadyPowerMw(generic: GenericTurbine, speedMs: number): number {
  const { rotorDiameterM, ratedPowerMw, airDensityKgM3 = 1.225, maxPowerCoefficient = 0.49 } = generic
  const { constantGearLoss = 0.01, variableGearLoss = 0.014, generatorLoss = 0.03, converterLoss = 0.03 } = generic
  const areaM2 = (rotorDiameterM / 2) * (rotorDiameterM / 2) * Math.PI
  const aerodynamicMw = (0.5 * airDensityKgM3 * areaM2 * (speedMs * speedMs * speedMs) * maxPowerCoefficient) / 1e6
  const gearMw = Math.max(0, aerodynamicMw - (constantGearLoss * ratedPowerMw + variableGearLoss * aerodynamicMw))
  const generatorMw = gearMw - generatorLoss * gearMw
  return Math.min(ratedPowerMw, generatorMw - converterLoss * generatorMw)
}

/** At each speed u, the mean power over a normal distribution of standard deviation u * turbulence intensity. */
function turbulentMean(steadyMw: Float64Array, speedsMs: Float64Array, turbulenceIntensity: number): Float64Array {
  return speedsMs.map((meanMs) => {
    const sigmaMs = meanMs * turbulenceIntensity
    let weighted = 0
    let weights = 0
    for (let i = 0; i < speedsMs.length; i++) {
      const deviations = (speedsMs[i]! - meanMs) / sigmaMs
      const weight = Math.exp(-0.5 * deviations * deviations)
      weighted += weight * steadyMw[i]!
      weights += weight
    }
    return weighted / weights
  })
}
