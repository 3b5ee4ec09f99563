import { Gauge } from 'prom-client'
import type { Ledger, LedgerSummary } from '../ledger/ledger.ts'
import type { ConfigurationQueue, QueueCounts } from '../queue/queue.ts'
import type { Metrics } from './metrics.ts'

export interface ObservedSweep {
  readonly ledger: Ledger
  readonly queue: ConfigurationQueue
}

/** Counts the configurations and jobs of every sweep that has a ledger, at every scrape. */
export function observeSweeps(metrics: Metrics, sweeps: () => Iterable<ObservedSweep>): void {
  const registers = [metrics.registry]
  const configurations = new Gauge({
    name: 'windrow_configurations',
    help: 'Configurations of a sweep, by their state in the ledger.',
    labelNames: ['sweep', 'state'],
    registers,
  })
  const jobs = new Gauge({
    name: 'windrow_queue_jobs',
    help: 'Jobs in the queue of a sweep: waiting, paused (waiting while the sweep is paused), active, delayed, failed.',
    labelNames: ['sweep', 'state'],
    registers,
  })
  metrics.atScrape({
    what: 'the sweeps',
    forget: () => {
      configurations.reset()
      jobs.reset()
    },
    look: async () => {
      const looks = await Promise.all(Array.from(sweeps(), lookAt))
      return () => {
        for (const look of looks) {
          if (!look) continue
          const { sweep } = look
          for (const [state, count] of Object.entries(look.summary.counts)) configurations.set({ sweep, state }, count)
          for (const [state, count] of Object.entries(jobsByState(look))) jobs.set({ sweep, state }, count)
        }
      }
    },
  })
}

interface SweepLook {
  readonly sweep: string
  readonly summary: LedgerSummary
  readonly counts: QueueCounts
  readonly isPaused: boolean
}

/** undefined for a sweep without a ledger: it was deleted, or Redis was emptied and a producer is at work. */
async function lookAt({ ledger, queue }: ObservedSweep): Promise<SweepLook | undefined> {
  const [summary, counts, isPaused] = await Promise.all([ledger.summary(), queue.counts(), queue.isPaused()])
  return summary && { sweep: ledger.sweep, summary, counts, isPaused }
}

/** Whoever starts workers by what waits must not start any for what nobody can take. */
function jobsByState({ counts, isPaused }: SweepLook) {
  const { waiting, ...others } = counts
  return { waiting: isPaused ? 0 : waiting, paused: isPaused ? waiting : 0, ...others }
}
