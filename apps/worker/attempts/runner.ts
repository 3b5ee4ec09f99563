import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import type { Problem } from '@windrow/common/optimizing/problem.ts'

export interface AttemptRequest {
  readonly sweep: string
  readonly key: string
  readonly epoch: number
  readonly attempt: string
  readonly problem: Problem
  readonly configurationDigest: string
  readonly timeoutMs?: number
  readonly memoryBytes?: number
}

interface AttemptTrace {
  /** Largest resident memory of the attempt's process tree, bytes, as far as it was seen. */
  readonly peakMemoryBytes?: number
  /** What the optimizer wrote to standard output and error, head and tail. */
  readonly log: Uint8Array
}

export type AttemptOutcome =
  /** The optimizer ended well and left these bytes, which nobody has looked at yet. */
  | (AttemptTrace & { readonly kind: 'output'; readonly bytes: Uint8Array })
  | (AttemptTrace & {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly message: string
      /** False when the same attempt would fail the same way again. */
      readonly canHeal: boolean
    })
  /** Stopped because `signal` aborted. */
  | (AttemptTrace & { readonly kind: 'stopped' })

/** Runs one attempt in a process of its own, held to its limits. Never throws for what an optimizer does. */
export interface AttemptRunner {
  run(request: AttemptRequest, signal: AbortSignal): Promise<AttemptOutcome>
  close(): Promise<void>
}
