import type { Rose } from '../resource/rose.ts'
import type { Turbine } from '../turbines/turbine.ts'
import type { WakeModel } from '../wakes/wake-model.ts'

/** All that turns a layout of equal turbines into an AEP. */
export interface WindModel {
  readonly wake: WakeModel
  readonly turbine: Turbine
  readonly rose: Rose
}
