import type { ReadResult } from '@windrow/common/results/read-result.ts'
import { createDisposableThreads, type DisposableThreads } from '@windrow/common/threads/disposable-threads.ts'

/** What libhdf5 alone makes of a file. */
export type OracleAnswer = { readonly kind: 'read'; readonly read: ReadResult } | { readonly kind: 'refused' }

/** libhdf5 by itself, in threads that may hang: what the strict reader is held against. */
export function createOracle(): DisposableThreads<Uint8Array, OracleAnswer> {
  return createDisposableThreads({ module: new URL('oracle-thread.ts', import.meta.url), name: 'oracle', size: 2 })
}
