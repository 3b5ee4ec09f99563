import type { Clock } from '@windrow/common/time/clock.ts'
import type { Randomness } from '@windrow/common/time/randomness.ts'
import type { Terminal } from './output/terminal.ts'

/** What a command has of the world around it; main.ts alone takes it from the process. */
export interface Surroundings {
  readonly terminal: Terminal
  readonly environment: NodeJS.ProcessEnv
  readonly workingDirectory: string
  readonly clock: Clock
  readonly randomness: Randomness
  /** Who acts, for records: `user@host`. */
  readonly user: string
  readonly host: string
  /** How the user calls `windrow` from where he is. */
  readonly command: string
}
