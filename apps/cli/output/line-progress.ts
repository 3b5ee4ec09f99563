/** How far something is, on one line. */
export interface LineProgress {
  show(line: string): void
  end(): void
}

export interface LineProgressOptions {
  /** A terminal shows one line that changes; anything else a plain line every ten seconds. */
  readonly output: { isTTY?: boolean; columns?: number; write(text: string): unknown }
  readonly now: () => number
}

const terminalEveryMs = 100
const plainEveryMs = 10_000

export function createLineProgress({ output, now }: LineProgressOptions): LineProgress {
  const everyMs = output.isTTY ? terminalEveryMs : plainEveryMs
  let shownAt = now()
  let isShown = false
  return {
    show(line) {
      if (now() - shownAt < everyMs) return
      shownAt = now()
      isShown = true
      if (output.isTTY) output.write(`\r\x1b[2K${line.slice(0, (output.columns ?? 80) - 1)}`)
      else output.write(`${line}\n`)
    },
    end() {
      if (isShown && output.isTTY) output.write('\r\x1b[2K')
      isShown = false
    },
  }
}
