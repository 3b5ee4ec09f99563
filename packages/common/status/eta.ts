/** How many configurations were settled at a time. */
export interface ProgressSample {
  readonly atMs: number
  readonly done: number
}

export interface Progress {
  readonly done: number
  readonly total: number
  /** In the order of time. */
  readonly samples: readonly ProgressSample[]
}

/**
 * How long the rest may take, as a range that should hold four times in five; undefined before three settlements.
 *
 * n settlements in a time T say r more take about r T / n. Taking them for a Poisson process, the logarithm of that
 * estimate has a standard deviation of about sqrt(1/n + 1/r) (delta method on the ratio of two gamma variates), and 1.28
 * of them on either side hold 80 %. Configurations are not alike (a later axis value may be a larger farm), so this is
 * done once with all samples and once with the recent ones (see recentSamples): the range spans both.
 */
export function estimateRemaining({ done, total, samples }: Progress): { lowMs: number; highMs: number } | undefined {
  const remaining = total - done
  if (remaining <= 0) return { lowMs: 0, highMs: 0 }
  const windows = [samples, recentSamples(samples)].map(spanOf).filter(({ settled, durationMs }) => {
    return settled >= fewestSettlements && durationMs > 0
  })
  if (windows.length === 0) return undefined
  const ranges = windows.map(({ settled, durationMs }) => {
    const expectedMs = (remaining * durationMs) / settled
    const factor = Math.exp(eightyPercent * Math.sqrt(1 / settled + 1 / remaining))
    return { lowMs: expectedMs / factor, highMs: expectedMs * factor }
  })
  return {
    lowMs: Math.min(...ranges.map(({ lowMs }) => lowMs)),
    highMs: Math.max(...ranges.map(({ highMs }) => highMs)),
  }
}

/** Settlements a minute over the recent samples; undefined before there were any. */
export function ratePerMinute(samples: readonly ProgressSample[]): number | undefined {
  const { settled, durationMs } = spanOf(recentSamples(samples))
  return settled > 0 && durationMs > 0 ? (settled * 60_000) / durationMs : undefined
}

const fewestSettlements = 3
/** Standard deviations on either side of the mean that hold 80 % of a normal distribution. */
const eightyPercent = 1.2816
/** Fewer settlements than this make no rate of their own. */
const settlementsForARate = 10

/** The samples of the second half of the time; all of them while that half holds fewer than ten settlements. */
function recentSamples(samples: readonly ProgressSample[]): readonly ProgressSample[] {
  const { durationMs } = spanOf(samples)
  const middleMs = (samples.at(-1)?.atMs ?? 0) - durationMs / 2
  // From the last sample before the half, so that the window is not cut short where samples are sparse.
  const from = samples.findLastIndex(({ atMs }) => atMs <= middleMs)
  const recent = samples.slice(Math.max(0, from))
  return spanOf(recent).settled >= settlementsForARate ? recent : samples
}

function spanOf(samples: readonly ProgressSample[]): { settled: number; durationMs: number } {
  const [first, last] = [samples[0], samples.at(-1)]
  return first && last
    ? { settled: last.done - first.done, durationMs: last.atMs - first.atMs }
    : { settled: 0, durationMs: 0 }
}
