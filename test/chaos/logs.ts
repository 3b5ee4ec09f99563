import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'

/** A line that a service wrote. */
export interface LogLine {
  readonly service: string
  /** When it was read here; the clock of a service may be off. */
  readonly at: number
  readonly msg: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** The logs of all services, as they grow. */
export interface Logs {
  readonly lines: readonly LogLine[]
  follow(service: string, path: string): void
  /** Called with every line from now on. */
  onLine(hear: (line: LogLine) => void): void
  /** Reads what is new. */
  look(): void
}

/** Follows log files; what is no JSON (the last words of a Node that crashed) is a line, too. */
export function followLogs(): Logs {
  const files = new Map<string, { path: string; read: number }>()
  const lines: LogLine[] = []
  const hearers: ((line: LogLine) => void)[] = []
  return {
    lines,
    follow: (service, path) => void files.set(service, { path, read: 0 }),
    onLine: (hear) => void hearers.push(hear),
    look() {
      for (const [service, file] of files) {
        for (const text of wholeLines(file)) {
          const line = { service, at: Date.now(), ...parsed(text) }
          lines.push(line)
          for (const hear of hearers) hear(line)
        }
      }
    },
  }
}

/** The lines that were added and ended since the last look. */
function wholeLines(file: { path: string; read: number }): string[] {
  if (!existsSync(file.path)) return []
  const bytes = Buffer.alloc(Math.max(0, statSync(file.path).size - file.read))
  const descriptor = openSync(file.path, 'r')
  const count = readSync(descriptor, bytes, 0, bytes.length, file.read)
  closeSync(descriptor)
  const end = bytes.lastIndexOf('\n', count)
  if (end < 0) return []
  file.read += end + 1
  return bytes.toString('utf8', 0, end).split('\n').filter(Boolean)
}

function parsed(text: string): Pick<LogLine, 'msg' | 'facts'> {
  try {
    const facts = JSON.parse(text) as Record<string, unknown>
    return { msg: String(facts.msg), facts }
  } catch (error) {
    if (error instanceof SyntaxError) return { msg: text, facts: {} }
    throw error
  }
}
