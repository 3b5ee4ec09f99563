import type { RunningAttempt } from '../ledger/ledger.ts'
import { hostOfWorker } from '../ledger/transitions.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import type { AttemptRecord } from './attempt-record.ts'
import { encodeRecord } from './record-codec.ts'

export interface LostAttempt {
  readonly sweep: string
  readonly key: string
  readonly lost: RunningAttempt
  /** How many attempts the epoch had spent with it. */
  readonly number: number
  readonly now: number
}

/**
 * Puts on record an attempt whose worker cannot record it any more. What is on record already stays as it is: the worker may
 * have come to that before it was lost.
 * @throws WindrowError what the store throws.
 */
export async function recordLostAttempt(store: Store, { sweep, key, lost, number, now }: LostAttempt): Promise<void> {
  const at = new Date(now).toISOString()
  const record: AttemptRecord = {
    ...{ schema: 1, sweep, key, epoch: lost.epoch, attempt: lost.attempt, number: Math.max(1, number) },
    ...{ outcome: 'lost', code: 'WORKER_LOST', message: `worker ${lost.worker} disappeared` },
    ...{ host: hostOfWorker(lost.worker), worker: lost.worker, startedAt: at, endedAt: at },
  }
  await store.create(names.attempt(sweep, key, lost.epoch, lost.attempt), encodeRecord(record))
}
