import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'

export interface SpooledResult {
  readonly sweep: string
  readonly key: string
  readonly index: number
  readonly epoch: number
  readonly attempt: string
  readonly manifest: number
  readonly record: AttemptRecord
  readonly bytes: Uint8Array
}

/** Validated results that wait for their store, on the worker's own disk. Adapters: file-spool.ts, memory-spool.ts. */
export interface Spool {
  /** Keeps a result durably; repeating it changes nothing. */
  put(result: SpooledResult): Promise<void>
  /** What waits, oldest first. A file that is not whole is set aside and reported through `onDamaged`. */
  waiting(): Promise<SpooledResult[]>
  /** How many results wait. */
  depth(): Promise<number>
  remove(result: Pick<SpooledResult, 'sweep' | 'key' | 'attempt'>): Promise<void>
}
