/** A failure inside libhdf5 or of the file under it; callers decide which of the project's errors it becomes. */
export class Hdf5Error extends Error {
  /** libhdf5's own error stack, outermost call first; empty when the failure was found without it. */
  readonly errorStack: string
  /** The library instance cannot be used again (a trap, a leaked stream). */
  readonly crashed: boolean
  /** The file wants data of another one, which is refused. */
  readonly outside: boolean

  constructor(
    message: string,
    details: { errorStack?: string; crashed?: boolean; outside?: boolean; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'Hdf5Error'
    this.errorStack = details.errorStack ?? ''
    this.crashed = details.crashed ?? false
    this.outside = details.outside ?? false
  }
}

/** The messages of an error stack as one sentence: the outermost for what was tried, the innermost for why it failed. */
export function reasonOf(errorStack: string): string {
  // One failed call often makes the next ones fail as well: only the first stack tells the cause.
  const [first = ''] = errorStack.split(/^HDF5-DIAG.*$/m).filter((stack) => stack.trim() !== '')
  const messages = [...first.matchAll(/^\s*#\d+: .*?\): (.+)$/gm)].map((match) => match[1]?.trim() ?? '')
  const outermost = messages.at(0)
  const innermost = messages.at(-1)
  if (outermost === undefined || innermost === undefined) return errorStack.trim() || 'libhdf5 gave no reason'
  return outermost === innermost ? outermost : `${outermost} (${innermost})`
}
