import { drainedStatus } from '@windrow/common/processes/drained-status.ts'

/** What a command's exit status says. */
export const exitStatus = {
  /** Every selected configuration is in the merged file, or the shortfall is within the declared tolerance. */
  complete: 0,
  /** The command line is not understood, or something around it (store, Redis, disk) failed. */
  failed: 1,
  /** Incomplete beyond the tolerance. */
  incomplete: 2,
  /** `check` or `verify` found corrupt input. */
  corrupt: 3,
  /** Drained by Ctrl-C, SIGTERM or at its time, and work remains; `windrow resume`, or the same command again, goes on. */
  drained: drainedStatus,
  /** Interrupted twice. */
  stopped: 130,
} as const
