import type { WindModel } from '@windrow/wind/aep/wind-model.ts'
import { weibullRose } from '@windrow/wind/resource/weibull-rose.ts'
import { genericTurbine } from '@windrow/wind/turbines/generic-turbine.ts'
import { iea37Gaussian } from '@windrow/wind/wakes/iea37-gaussian.ts'
import type { WakeModel } from '@windrow/wind/wakes/wake-model.ts'
import type { Problem } from './problem.ts'

const wakeModels: Readonly<Record<Problem['wake'], WakeModel>> = { iea37: iea37Gaussian }

const models = new Map<string, WindModel>()
const mostModels = 16

/**
 * The wind model of a problem: its wake model, the generic turbine of its type, its resource as a rose. Kept for the last few
 * pairs of site and turbine type, because a process runs many problems on the same ones and building a model costs.
 */
export function windModelOf(problem: Problem): WindModel {
  const { site, turbine, wake, directions, speeds } = problem
  const id = JSON.stringify([site, turbine, wake, directions, speeds])
  const model = models.get(id) ?? build(problem)
  // Last used, last out.
  models.delete(id)
  models.set(id, model)
  if (models.size > mostModels) models.delete(models.keys().next().value!)
  return model
}

function build({ site, turbine, wake, directions, speeds }: Problem): WindModel {
  const { rotorDiameterM, hubHeightM, ratedPowerMW } = turbine
  const speedsMs = Float64Array.from({ length: speeds.toMs - speeds.fromMs + 1 }, (_, i) => speeds.fromMs + i)
  return {
    wake: wakeModels[wake],
    turbine: genericTurbine({
      rotorDiameterM,
      hubHeightM,
      ratedPowerMw: ratedPowerMW,
      ...(site.turbulence_intensity === undefined ? {} : { turbulenceIntensity: site.turbulence_intensity }),
    }),
    rose: weibullRose(
      { sectorFrequency: site.sector_frequency, weibullAMs: site.weibull_A_m_per_s, weibullK: site.weibull_k },
      { directions, speedsMs },
    ),
  }
}
