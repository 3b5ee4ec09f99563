import type { Turbine } from './turbine.ts'

export interface CubicTurbine {
  readonly rotorDiameterM: number
  readonly hubHeightM: number
  readonly ratedPowerMw: number
  readonly cutInMs: number
  readonly ratedSpeedMs: number
  readonly cutOutMs: number
}

/**
 * A turbine with IEA Wind Task 37's power curve: rated power * ((u - cut-in) / (rated speed - cut-in))^3 from cut-in to rated
 * speed, rated power from there up to cut-out, 0 elsewhere (from cut-out on, too).
 * Source: IEA Wind Task 37, case studies 1 and 2 (2019) and their reference script iea37-aepcalc.py, `DirPower`.
 */
export function iea37Turbine(turbine: CubicTurbine): Turbine {
  const { rotorDiameterM, hubHeightM, ratedPowerMw, cutInMs, ratedSpeedMs, cutOutMs } = turbine
  return {
    rotorDiameterM,
    hubHeightM,
    ratedPowerMw,
    powerMw: (speedMs) => {
      if (!(speedMs >= cutInMs) || speedMs >= cutOutMs) return 0
      if (speedMs >= ratedSpeedMs) return ratedPowerMw
      const rising = (speedMs - cutInMs) / (ratedSpeedMs - cutInMs)
      return ratedPowerMw * (rising * rising * rising)
    },
  }
}
