/** `340 ms`, `45 s`, `2 min 5 s`, `3 h 20 min`, `5 d 3 h`: the two largest units. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.round(durationMs))} ms`
  const seconds = Math.round(durationMs / 1000)
  for (const [unit, length, smaller, smallerLength] of steps) {
    if (seconds < length) continue
    const rest = Math.floor((seconds % length) / smallerLength)
    return `${Math.floor(seconds / length)} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`
  }
  return `${seconds} s`
}

/** `40 s to 2 min`, or one duration when both ends read the same. */
export function formatDurationRange({ lowMs, highMs }: { lowMs: number; highMs: number }): string {
  const [low, high] = [formatRough(lowMs), formatRough(highMs)]
  return low === high ? low : `${low} to ${high}`
}

const steps = [
  ['d', 86_400, 'h', 3600],
  ['h', 3600, 'min', 60],
  ['min', 60, 's', 1],
] as const

/** An estimate does not know its seconds: two significant digits of its largest unit. */
function formatRough(durationMs: number): string {
  const seconds = durationMs / 1000
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${(seconds / 3600).toPrecision(2)} h`
  return `${(seconds / 86_400).toPrecision(2)} d`
}
