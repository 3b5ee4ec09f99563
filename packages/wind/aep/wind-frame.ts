/** Unit vector (east, north) of the way the wind blows. */
export interface Heading {
  readonly east: number
  readonly north: number
}

/**
 * The way the wind blows when it comes from `directionDeg` (degrees, clockwise from north). Exact at multiples of 90 degrees, and
 * opposite directions are exactly opposite, so that turbines in line or abreast on a grid are seen so.
 */
export function headingOf(directionDeg: number): Heading {
  const turned = ((directionDeg % 360) + 360) % 360
  const quarter = Math.floor(turned / 90)
  const rad = ((turned - quarter * 90) * Math.PI) / 180
  const [sin, cos] = [Math.sin(rad), Math.cos(rad)]
  if (quarter === 0) return { east: -sin, north: -cos }
  if (quarter === 1) return { east: -cos, north: sin }
  if (quarter === 2) return { east: sin, north: cos }
  return { east: cos, north: -sin }
}
