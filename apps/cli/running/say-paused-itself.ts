import type { Pause } from '@windrow/common/accounting/pause.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { exitStatus } from '../exit-status.ts'
import { describeError } from '../output/describe-error.ts'

export interface PausedRun {
  readonly sweep: string
  readonly pause: Pause
  readonly json: boolean
  /** How the user calls `windrow` from where he is. */
  readonly command: string
  readonly print: (text: string) => void
  readonly say: (line: string) => void
}

/** Says that a sweep has paused itself, why, and what to do; nothing is brought home (status 2). */
export function sayPausedItself({ sweep, pause, json, command, print, say }: PausedRun): number {
  const { reason = '', example } = pause
  const such = example ? ` Such as ${example.key} on ${example.host}: ${example.code}: ${example.message}` : ''
  const error = new WindrowError('SWEEP_PAUSED_ITSELF', {
    message: `${sweep} has paused itself: ${reason}.${such}`,
    next: `Mend the cause, then: ${command} resume ${sweep} (and for what was given up: ${command} rerun ${sweep}). What is committed is safe.`,
  })
  if (json) print(`${JSON.stringify({ sweep, fulfilled: false, paused: pause }, null, 2)}\n`)
  say(describeError(error).trimEnd())
  return exitStatus.incomplete
}
