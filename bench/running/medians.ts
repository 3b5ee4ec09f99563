import type { Figures, Medians } from './bench.ts'

/** The median of numbers; of an even count the mean of the middle two. */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Each figure's median over the runs. Figures that only some runs have are left out. */
export function mediansOf(runs: readonly Figures[]): Medians {
  const names = Object.keys(runs[0] ?? {}).filter((name) => runs.every((run) => name in run))
  return Object.fromEntries(
    names.map((name) => {
      const values = runs.map((run) => run[name]!)
      return [name, { median: medianOf(values), least: Math.min(...values), most: Math.max(...values) }]
    }),
  )
}
