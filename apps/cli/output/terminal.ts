import { styleText } from 'node:util'

/** Where a command writes: facts to standard output, everything about its doing to standard error. */
export interface Terminal {
  print(text: string): void
  /** One JSON document, and nothing else, on standard output. */
  printJson(document: unknown): void
  say(line: string): void
  /** Marks text, where there are colours. */
  readonly style: (mark: Mark, text: string) => string
  /** Standard output is a screen: it can be cleared and written again. */
  readonly interactive: boolean
  /** True once whoever read standard output is gone (`| head`). */
  readonly closed: () => boolean
}

export type Mark = 'good' | 'bad' | 'warning' | 'faint' | 'strong'

const formats = { good: 'green', bad: 'red', warning: 'yellow', faint: 'dim', strong: 'bold' } as const

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly environment: { readonly NO_COLOR?: string; readonly TERM?: string }
}

/** The terminal of this process: colours only on a screen, none with NO_COLOR; a reader that left is no error. */
export function createTerminal({ stdout, stderr, environment }: TerminalOptions): Terminal {
  const colours = stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  let closed = false
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough: the work goes on unseen.
      if (error.code !== 'EPIPE') throw error
      if (stream === stdout) closed = true
    })
  }
  const print = (text: string) => {
    if (!closed) stdout.write(text)
  }
  return {
    print,
    printJson: (document) => print(`${JSON.stringify(document, null, 2)}\n`),
    say: (line) => stderr.write(`${line}\n`),
    style: (mark, text) => (colours ? styleText(formats[mark], text, { validateStream: false }) : text),
    interactive: stdout.isTTY === true && environment.TERM !== 'dumb',
    closed: () => closed,
  }
}
