/** The short forms a specification uses: ranges `3..25`, durations `5m`, sizes `2GB`, tolerances `1%`. */

export interface WholeRange {
  readonly from: number
  readonly to: number
}

/** `0..49` (both ends belong to it, whole numbers, from <= to); undefined when it is none. */
export function parseRange(text: string): WholeRange | undefined {
  const match = /^(-?\d{1,15})\.\.(-?\d{1,15})$/.exec(text)
  if (!match) return undefined
  // `+ 0` turns -0 into 0, which has the same text everywhere.
  const [from, to] = [Number(match[1]) + 0, Number(match[2]) + 0]
  return from <= to ? { from, to } : undefined
}

const durationUnitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const number = String.raw`\d{1,9}(?:\.\d{1,3})?`

/** Each unit once at most, the largest first. */
const durationForm = new RegExp(`^(?=.)(?:${number}d)?(?:${number}h)?(?:${number}m)?(?:${number}s)?(?:${number}ms)?$`)

/** `500ms`, `5s`, `2m`, `1.5h`, `3h50m`, `1d` in milliseconds; undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  if (!durationForm.test(text)) return undefined
  const parts = text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)
  const ms = Array.from(parts, ([, n, unit]) => Number(n) * durationUnitsMs[unit as keyof typeof durationUnitsMs])
  return Math.round(ms.reduce((sum, some) => sum + some, 0))
}

/** `5s..5m` in milliseconds, from <= to; undefined when it is none. */
export function parseDurationRangeMs(text: string): { fromMs: number; toMs: number } | undefined {
  const dots = text.indexOf('..')
  if (dots < 0) return undefined
  const fromMs = parseDurationMs(text.slice(0, dots))
  const toMs = parseDurationMs(text.slice(dots + 2))
  return fromMs === undefined || toMs === undefined || fromMs > toMs ? undefined : { fromMs, toMs }
}

const sizeUnitsBytes = {
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const

/** `512MB`, `2GB`, `1.5GiB` in bytes; undefined when it is none. */
export function parseSizeBytes(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/.exec(text)
  if (!match) return undefined
  return Math.round(Number(match[1]) * sizeUnitsBytes[match[2] as keyof typeof sizeUnitsBytes])
}

/** Whether a value declares how many configurations may be missing: `12` or `0.5%` (see merging/tolerance.ts). */
export function declaresTolerance(value: string | number): boolean {
  const match = /^(?:\d{1,9}|(\d{1,3}(?:\.\d{1,6})?)%)$/.exec(String(value))
  return match !== null && Number(match[1] ?? 0) <= 100
}
