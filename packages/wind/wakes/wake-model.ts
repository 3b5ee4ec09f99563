/**
 * The square of the relative wake deficit (1 - u / U, without unit) that a rotor makes at a point `downwindM` behind and
 * `crosswindM` beside it (metres); 0 unless the point is downwind.
 */
export type SquaredDeficit = (downwindM: number, crosswindM: number) => number

/**
 * A wake model whose thrust coefficient is constant: relative deficits do not depend on the wind speed, and combine as the root
 * of the sum of their squares.
 */
export interface WakeModel {
  readonly name: string
  /** The deficit behind one rotor of this diameter (metres), all rotors at the same height. */
  readonly behindRotor: (rotorDiameterM: number) => SquaredDeficit
}
