import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { estimateRemaining, type ProgressSample, ratePerMinute } from '@windrow/common/status/eta.ts'
import { formatDurationRange } from '../output/durations.ts'

export interface Progress {
  show(summary: LedgerSummary): void
  /** A line that stays, above the progress. */
  say(line: string): void
  end(): void
}

export interface ProgressOptions {
  /** A terminal shows one line that changes; anything else a plain line every ten seconds. */
  readonly output: { isTTY?: boolean; columns?: number; write(text: string): unknown }
  readonly now: () => number
}

const plainEveryMs = 10_000
const samplesKept = 600

/** Progress of a sweep: done / total, rate, time left as a range, and whatever is not going well. */
export function createProgress({ output, now }: ProgressOptions): Progress {
  const samples: ProgressSample[] = []
  let shown = ''
  let lastPlainAt = Number.NEGATIVE_INFINITY
  let lastPlain = ''
  const clear = () => {
    if (output.isTTY && shown) output.write('\r\x1b[2K')
  }
  return {
    show(summary) {
      const done = doneOf(summary)
      if (samples.at(-1)?.done !== done) samples.push({ atMs: now(), done })
      if (samples.length > samplesKept) samples.shift()
      const line = progressLine(summary, samples)
      if (output.isTTY) {
        clear()
        output.write(line.slice(0, (output.columns ?? 80) - 1))
      } else if (line !== shown && now() - lastPlainAt >= plainEveryMs) {
        lastPlainAt = now()
        lastPlain = line
        output.write(`${line}\n`)
      }
      shown = line
    },
    say(line) {
      clear()
      output.write(`${line}\n`)
      if (output.isTTY) output.write(shown)
    },
    end() {
      if (output.isTTY && shown) output.write('\n')
      else if (shown !== lastPlain) output.write(`${shown}\n`)
      shown = ''
    },
  }
}

/** Committed or dead: no more work will be done on it. */
function doneOf({ counts }: LedgerSummary): number {
  return counts.committed + counts['dead-corrupt'] + counts['dead-failed']
}

/** One line: `12 of 24 done, 31/min, 20-40 s left; 2 running, 1 retrying`. */
export function progressLine(summary: LedgerSummary, samples: readonly ProgressSample[]): string {
  const { counts } = summary
  const wanted = summary.total - counts.cancelled
  const done = doneOf(summary)
  const parts = [`${done} of ${wanted} done`]
  const rate = ratePerMinute(samples)
  if (rate !== undefined) parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/min`)
  const left = estimateRemaining({ done, total: wanted, samples })
  if (left && done < wanted) parts.push(`${formatDurationRange(left)} left`)
  if (done === wanted) parts.push('merging')
  const aside: [number, string][] = [
    [counts.running, 'running'],
    [counts.retrying, 'retrying'],
    [counts['dead-failed'], 'dead'],
    [counts['dead-corrupt'], 'quarantined'],
    [counts.cancelled, `of ${summary.total} not selected`],
  ]
  const others = aside.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`)
  return [parts.join(', '), ...(others.length > 0 ? [others.join(', ')] : [])].join('; ')
}
