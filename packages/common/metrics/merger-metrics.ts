import { Counter, Histogram } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** What a merger measures. */
export function createMergerMetrics({ registry }: Metrics) {
  const merges = new Histogram({
    name: 'windrow_merge_duration_seconds',
    help: 'Time it took to answer a request for a merge, by outcome.',
    labelNames: ['outcome'],
    buckets: [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 900, 1_800, 3_600],
    registers: [registry],
  })
  const generations = new Counter({
    name: 'windrow_generations_total',
    help: 'Generations published, by whether they are complete.',
    labelNames: ['complete'],
    registers: [registry],
  })
  return {
    mergeBegins(): (outcome: string) => void {
      const end = merges.startTimer()
      return (outcome) => void end({ outcome })
    },
    published: ({ complete }: { complete: boolean }) => generations.inc({ complete: String(complete) }),
  }
}
