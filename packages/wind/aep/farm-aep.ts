import type { Layout } from '../layouts/layout.ts'
import type { SquaredDeficit } from '../wakes/wake-model.ts'
import { expectedEnergyGWh } from './expected-energy.ts'
import { type Heading, headingOf } from './wind-frame.ts'
import type { WindModel } from './wind-model.ts'

/**
 * The annual energy production (GWh, 8760 h) of a layout over the full rose of the model. Positive; repeats to the bit.
 * Deficits do not depend on the wind speed, so they are combined once a direction and then applied to every speed.
 */
export function farmAepGWh(layout: Layout, model: WindModel): number {
  return aepByDirectionGWh(layout, model).reduce((sum, energyGWh) => sum + energyGWh, 0)
}

/** The share (GWh) of each direction of the rose, by index, in the AEP of a layout. */
export function aepByDirectionGWh(layout: Layout, model: WindModel): Float64Array {
  const { directionsDeg } = model.rose
  const deficit = model.wake.behindRotor(model.turbine.rotorDiameterM)
  const energy = expectedEnergyGWh(model)
  const along = new WindFrame(layout)
  const result = new Float64Array(directionsDeg.length)
  for (const { direction, opposite } of withOpposites(directionsDeg)) {
    along.collect(headingOf(directionsDeg[direction]!), deficit)
    result[direction] = sumOverTurbines(along.downwind, (squared) => energy(direction, squared))
    if (opposite !== undefined) result[opposite] = sumOverTurbines(along.upwind, (squared) => energy(opposite, squared))
  }
  return result
}

/**
 * Sums of squared deficits for every turbine, for one direction (`downwind`) and its opposite (`upwind`): a pair stands in each
 * other's wake by the same amount in both, so that both cost one.
 */
class WindFrame {
  readonly downwind: Float64Array
  readonly upwind: Float64Array
  readonly #layout: Layout
  readonly #along: Float64Array
  readonly #across: Float64Array

  constructor(layout: Layout) {
    const turbines = layout.xM.length
    this.#layout = layout
    this.downwind = new Float64Array(turbines)
    this.upwind = new Float64Array(turbines)
    this.#along = new Float64Array(turbines)
    this.#across = new Float64Array(turbines)
  }

  collect(heading: Heading, deficit: SquaredDeficit): void {
    const { downwind, upwind } = this
    this.#turnInto(heading)
    const along = this.#along
    const across = this.#across
    downwind.fill(0)
    upwind.fill(0)
    for (let i = 0; i < along.length; i++) {
      const alongM = along[i]!
      const acrossM = across[i]!
      for (let j = 0; j < i; j++) {
        const downwindM = alongM - along[j]!
        const squared = deficit(Math.abs(downwindM), acrossM - across[j]!)
        if (squared === 0) continue
        if (downwindM > 0) {
          downwind[i]! += squared
          upwind[j]! += squared
        } else {
          downwind[j]! += squared
          upwind[i]! += squared
        }
      }
    }
  }

  #turnInto({ east, north }: Heading): void {
    const { xM, yM } = this.#layout
    for (let i = 0; i < xM.length; i++) {
      // Relative to the first turbine: UTM coordinates would cost digits.
      const x = xM[i]! - xM[0]!
      const y = yM[i]! - yM[0]!
      this.#along[i] = x * east + y * north
      this.#across[i] = x * north - y * east
    }
  }
}

function sumOverTurbines(squaredDeficits: Float64Array, energy: (squared: number) => number): number {
  let sumGWh = 0
  for (let i = 0; i < squaredDeficits.length; i++) sumGWh += energy(squaredDeficits[i]!)
  return sumGWh
}

interface OppositeDirections {
  readonly direction: number
  readonly opposite: number | undefined
}

/** Every direction of a rose once, by index, paired with the one that comes from exactly the other side where there is one. */
function withOpposites(directionsDeg: Float64Array): OppositeDirections[] {
  const waiting = new Map<number, number>()
  const pairs: { direction: number; opposite: number | undefined }[] = []
  directionsDeg.forEach((directionDeg, direction) => {
    const other = (directionDeg + 180) % 360
    const partner = waiting.get(other)
    if (partner === undefined) {
      waiting.set(directionDeg, pairs.push({ direction, opposite: undefined }) - 1)
    } else {
      pairs[partner]!.opposite = direction
      waiting.delete(other)
    }
  })
  return pairs
}
