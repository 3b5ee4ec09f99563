/** Electrical power (MW) at a wind speed (m/s) at hub height; 0 where the turbine stands still, also below 0 m/s. */
export type PowerCurve = (speedMs: number) => number

/** A turbine type. Power is in MW throughout. */
export interface Turbine {
  readonly rotorDiameterM: number
  readonly hubHeightM: number
  readonly ratedPowerMw: number
  readonly powerMw: PowerCurve
  /** Wind speeds (m/s) between which the power curve is linear, where it is so. */
  readonly kneesMs?: Float64Array
}
