import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import type { OptimizerCommand } from '@windrow/common/optimizing/command-optimizers.ts'
import type { Problem } from '@windrow/common/optimizing/problem.ts'

/** What a worker asks of its child process, and the child of its optimizer thread. */
export interface RunMessage {
  readonly problem: Problem
  readonly configurationDigest: string
  /** Where the result file goes. */
  readonly outputPath: string
  /** Where a command finds the problem as JSON. */
  readonly problemPath: string
  /** Set for an optimizer that is a command: from the worker's own configuration, never from a job. */
  readonly command?: OptimizerCommand
  /** Heap limit of a built-in optimizer, megabytes. */
  readonly heapMegabytes?: number
}

export type ReplyMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly message: string
      readonly canHeal: boolean
      /** Something asked the command to end, by SIGTERM or SIGINT; who it was is for the worker to see. */
      readonly wasAskedToEnd?: boolean
    }
