import { Counter, Gauge, Histogram } from 'prom-client'
import type { AttemptRecord } from '../records/attempt-record.ts'
import type { Metrics } from './metrics.ts'

/** What a worker measures: its attempts and commits, its slots, its spool. */
export function createWorkerMetrics(metrics: Metrics, { slots, spooled }: WorkerFacts) {
  const registers = [metrics.registry]
  gauge('windrow_slots', 'Configurations this worker runs at once at most.', registers).set(slots)
  const busy = gauge('windrow_slots_busy', 'Slots in which a configuration runs.', registers)
  const stuck = gauge('windrow_stuck', '1 while work waits that this worker does not begin, else 0.', registers)
  const aside = gauge('windrow_sweeps_set_aside', 'Sweeps in which the host of this worker is set aside.', registers)
  const spool = gauge('windrow_spool_results', 'Finished results that wait on disk for the store.', registers)
  metrics.atScrape({
    what: 'the spool',
    forget: () => spool.remove(),
    look: async () => {
      const results = await spooled()
      return () => spool.set(results)
    },
  })
  return {
    attempts: observeAttempts(metrics),
    /** Runs something that takes a slot. */
    async inSlot<Outcome>(run: () => Promise<Outcome>): Promise<Outcome> {
      busy.inc()
      try {
        return await run()
      } finally {
        busy.dec()
      }
    },
    setSweepsAside: (sweeps: number) => aside.set(sweeps),
    setStuck: (isStuck: boolean) => stuck.set(isStuck ? 1 : 0),
  }
}

export interface WorkerFacts {
  readonly slots: number
  /** How many results are in the spool. */
  readonly spooled: () => Promise<number>
}

function observeAttempts({ registry }: Metrics) {
  const registers = [registry]
  const attempts = new Histogram({
    name: 'windrow_attempt_duration_seconds',
    help: 'Time an attempt took from its beginning to its verdict, by outcome, and by error code where it failed.',
    labelNames: ['outcome', 'cause'],
    buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400],
    registers,
  })
  const commits = new Histogram({
    name: 'windrow_commit_duration_seconds',
    help: 'Time from a valid output to its settled commit, waiting for the store included, by outcome.',
    labelNames: ['outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 1_800],
    registers,
  })
  const lost = counter('windrow_attempts_lost_total', 'Attempts found lost with their worker.', registers)
  const refused = new Counter({
    name: 'windrow_outputs_refused_total',
    help: 'Outputs that failed validation, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const dead = new Counter({
    name: 'windrow_dead_letters_total',
    help: 'Dead letters written, by error code of the last attempt.',
    labelNames: ['sweep', 'cause'],
    registers,
  })
  return {
    ended({ outcome, code = '', startedAt, endedAt }: AttemptRecord): void {
      const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
      attempts.observe({ outcome, cause: code }, Math.max(0, seconds))
    },
    lost: () => lost.inc(),
    refused: (reason: string) => refused.inc({ reason }),
    commitBegins(): (outcome: 'created' | 'exists' | 'damaged') => void {
      const end = commits.startTimer()
      return (outcome) => void end({ outcome })
    },
    died: ({ sweep, code }: { sweep: string; code: string }) => dead.inc({ sweep, cause: code }),
  }
}

type Registers = Metrics['registry'][]

const gauge = (name: string, help: string, registers: Registers) => new Gauge({ name, help, registers })
const counter = (name: string, help: string, registers: Registers) => new Counter({ name, help, registers })
