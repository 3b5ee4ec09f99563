import { WindrowError } from '../errors/windrow-error.ts'

/** How many configurations may be absent from a merged file that still counts as complete. */
export interface Tolerance {
  /** As declared: `5` or `2.5%`. */
  readonly declared: string
  readonly allowed: number
}

const pattern = /^(?:(\d{1,9})|(\d{1,3})(?:\.(\d{1,6}))?%)$/

/**
 * Reads a tolerance, a number of configurations (`5`) or a share of the expected ones (`2.5%`, rounded down), for a
 * sweep of `expected` configurations. USAGE when it is neither, or more than 100 %.
 */
export function toleranceOf(declared: string | number, expected: number): Tolerance {
  const text = String(declared).trim()
  const match = pattern.exec(text)
  const percent = match?.[2] === undefined ? undefined : { whole: match[2], decimals: match[3] ?? '' }
  if (!match || (percent && Number(`${percent.whole}.${percent.decimals || 0}`) > 100)) {
    throw new WindrowError('USAGE', {
      message: `The tolerance '${text}' is neither a number of configurations (5) nor a share of them (2.5%).`,
      context: { tolerance: text },
    })
  }
  if (!percent) return { declared: text, allowed: Number(match[1]) }
  // In whole numbers: 0.29 % of 10,000 is 29, not 28.999...
  const numerator = BigInt(percent.whole + percent.decimals) * BigInt(expected)
  return { declared: text, allowed: Number(numerator / (100n * 10n ** BigInt(percent.decimals.length))) }
}
