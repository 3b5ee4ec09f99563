import { type ExpectedEnergy, expectedEnergyGWh } from '../aep/expected-energy.ts'
import { type Heading, headingOf } from '../aep/wind-frame.ts'
import type { WindModel } from '../aep/wind-model.ts'
import type { Layout } from '../layouts/layout.ts'
import type { SquaredDeficit } from '../wakes/wake-model.ts'

/**
 * The AEP that a further turbine would have at each candidate position, in the wakes of those placed so far (its own AEP: what it
 * takes from the others is not counted). Incremental: the sum of squared deficits of each candidate and direction is kept, so
 * that a new turbine costs one deficit for each of them, whatever the number already placed.
 */
export class CandidateMap {
  /** Positions that are still free, as indices into the candidates, in their order. */
  free: readonly number[]
  readonly #candidates: Layout
  readonly #headings: readonly Heading[]
  readonly #deficit: SquaredDeficit
  readonly #energy: ExpectedEnergy
  /** Both row-major [candidate][direction]. */
  readonly #squared: Float64Array
  readonly #energyGWh: Float64Array

  constructor(candidates: Layout, model: WindModel) {
    this.#candidates = candidates
    this.#headings = Array.from(model.rose.directionsDeg, headingOf)
    this.#deficit = model.wake.behindRotor(model.turbine.rotorDiameterM)
    this.#energy = expectedEnergyGWh(model)
    this.free = Array.from(candidates.xM.keys())
    const directions = this.#headings.length
    this.#squared = new Float64Array(this.free.length * directions)
    const unwaked = this.#headings.map((_, direction) => this.#energy(direction, 0))
    this.#energyGWh = Float64Array.from(this.#squared, (_, at) => unwaked[at % directions]!)
  }

  /** The AEP (GWh) of each free candidate, in the order of `free`. */
  aepGWh(): Float64Array {
    const directions = this.#headings.length
    return Float64Array.from(this.free, (candidate) => {
      let sumGWh = 0
      for (let at = candidate * directions; at < (candidate + 1) * directions; at++) sumGWh += this.#energyGWh[at]!
      return sumGWh
    })
  }

  /** Places a turbine on a candidate; candidates nearer to it than `minSpacingM` (itself too) are free no more. */
  place(candidate: number, minSpacingM: number): void {
    const { xM, yM } = this.#candidates
    const minSquared = minSpacingM * minSpacingM
    const stillFree: number[] = []
    for (const other of this.free) {
      const eastM = xM[other]! - xM[candidate]!
      const northM = yM[other]! - yM[candidate]!
      if (other === candidate || eastM * eastM + northM * northM < minSquared) continue
      stillFree.push(other)
      this.#addWake(other, eastM, northM)
    }
    this.free = stillFree
  }

  #addWake(candidate: number, eastM: number, northM: number): void {
    const directions = this.#headings.length
    for (let direction = 0; direction < directions; direction++) {
      const { east, north } = this.#headings[direction]!
      const downwindM = eastM * east + northM * north
      if (downwindM <= 0) continue
      const squared = this.#deficit(downwindM, eastM * north - northM * east)
      if (squared === 0) continue
      const at = candidate * directions + direction
      this.#squared[at]! += squared
      this.#energyGWh[at] = this.#energy(direction, this.#squared[at]!)
    }
  }
}
