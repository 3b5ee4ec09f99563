import { type Command, InvalidArgumentError } from 'commander'

/** The flags by which every command finds its store and Redis. */
export function withContextFlags(command: Command): Command {
  return command
    .option(
      '--store <url>',
      'where results live, file:///path or s3://bucket/prefix (default: WINDROW_STORE, else the nearest .windrow)',
    )
    .option(
      '--redis <url>',
      'the Redis of the services (default: WINDROW_REDIS_URL, else that of a run in this folder or with --listen on this store)',
    )
    .option('--dir <folder>', 'local state, instead of the nearest .windrow')
}

export const sweepArgument = 'name of the sweep, or the beginning of it'

/** An option that may be given several times. */
export const collect = (value: string, before: string[] = []) => [...before, value]

export function wholeNumberOrNone(text: string): number {
  return text === '0' ? 0 : wholeNumber(text)
}

export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999.')
}
