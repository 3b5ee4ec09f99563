/** A stream of numbers that a seed decides (mulberry32, T. Ettinger 2017): the same on every machine. */
export interface Chance {
  /** Uniform in [0, 1). */
  uniform(): number
  between(from: number, to: number): number
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number
  happens(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
}

export function chanceOf(seed: number): Chance {
  let state = (seed * 0x9e3779b1) >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(uniform() * count)
  return {
    uniform,
    below,
    between: (from, to) => from + uniform() * (to - from),
    happens: (probability) => uniform() < probability,
    pick: (items) => items[below(items.length)]!,
  }
}
