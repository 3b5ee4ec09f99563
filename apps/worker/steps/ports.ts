import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { MergeRequests } from '@windrow/common/queue/queue.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { Policy } from '@windrow/common/sweep/policy.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { Randomness } from '@windrow/common/time/randomness.ts'
import type { Tracer } from '@windrow/common/tracing/tracer.ts'
import type { AttemptRunner } from '../attempts/runner.ts'
import type { Spool } from '../spooling/spool.ts'
import type { AttemptObserver } from './attempt-observer.ts'
import type { OutageGate } from './outage-gate.ts'

/** What a worker knows of a sweep: its expansion, its policy, its ledger. */
export interface SweepAtWork {
  readonly plan: SweepPlan
  readonly policy: Policy
  readonly ledger: Ledger
}

/** Everything the steps of a worker talk to. */
export interface WorkerPorts {
  /** The sweep, read from the store at least as new as `manifest`. */
  readonly sweepOf: (sweep: string, manifest: number) => Promise<SweepAtWork>
  readonly store: Store
  readonly validator: Validator
  readonly runner: AttemptRunner
  readonly spool: Spool
  readonly merges: MergeRequests
  /** Wakes the producer of a sweep, which does no harm when it fails: it looks by itself, later. */
  readonly wake: (sweep: string) => Promise<void>
  readonly gate: OutageGate
  readonly observer: AttemptObserver
  readonly clock: Clock
  readonly randomness: Randomness
  readonly logger: Logger
  readonly tracer: Tracer
  readonly host: string
  readonly worker: string
}
