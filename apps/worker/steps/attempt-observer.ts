import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'
import type { DeadLetter } from '@windrow/common/records/dead-letter.ts'
import type { RefusalReason } from '@windrow/common/results/verdict.ts'

/** Hears what becomes of attempts; nothing depends on it. Adapter: packages/common/metrics/worker-metrics.ts. */
export interface AttemptObserver {
  /** An attempt came to its verdict. */
  ended(record: AttemptRecord): void
  /** An attempt was found lost with its worker. */
  lost(): void
  /** An output failed validation. */
  refused(reason: RefusalReason): void
  /** A valid output is being committed; the function that is returned hears what came of it. */
  commitBegins(): (outcome: 'created' | 'exists' | 'damaged') => void
  /** A dead letter was written. */
  died(letter: DeadLetter): void
}
