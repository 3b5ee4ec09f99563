import { decay } from '../numerics/decay.ts'
import type { WakeModel } from './wake-model.ts'

const thrustCoefficient = 8 / 9
const expansion = 0.0324555
/** Beyond this many (crosswind / sigma)^2 a squared deficit is below 2e-35: nothing that 1 - deficit could tell from 0. */
const negligible = 80

/**
 * The IEA Wind Task 37 simple Gaussian wake, for CT = 8/9 and k = 0.0324555:
 *   deficit = (1 - sqrt(1 - CT / (8 sigma^2 / D^2))) exp(-0.5 (dy / sigma)^2),  sigma = k dx + D / sqrt(8),  for dx > 0.
 * Source: IEA Wind Task 37, "Wake model description for optimization only case study" (iea37-wakemodel.pdf) and the reference
 * script iea37-aepcalc.py; after Bastankhah and Porte-Agel, Renewable Energy 70 (2014) 116-123.
 */
export const iea37Gaussian: WakeModel = {
  name: 'iea37',
  behindRotor: (rotorDiameterM) => {
    const sigmaAtRotorM = rotorDiameterM / Math.sqrt(8)
    const thrust = (thrustCoefficient * rotorDiameterM * rotorDiameterM) / 8
    return (downwindM, crosswindM) => {
      if (!(downwindM > 0)) return 0
      const sigmaM = expansion * downwindM + sigmaAtRotorM
      const sigmaSquared = sigmaM * sigmaM
      const crosswindSquared = crosswindM * crosswindM
      if (crosswindSquared > negligible * sigmaSquared) return 0
      const centre = 1 - Math.sqrt(1 - thrust / sigmaSquared)
      return centre * centre * decay(crosswindSquared / sigmaSquared)
    }
  },
}
