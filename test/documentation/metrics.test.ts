import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { createMergerMetrics } from '@windrow/common/metrics/merger-metrics.ts'
import { createMetrics, type Metrics } from '@windrow/common/metrics/metrics.ts'
import { observeOutages } from '@windrow/common/metrics/outage-metrics.ts'
import { observeRedis } from '@windrow/common/metrics/redis-metrics.ts'
import { observeStore } from '@windrow/common/metrics/store-metrics.ts'
import { observeSweeps } from '@windrow/common/metrics/sweep-metrics.ts'
import { createWorkerMetrics } from '@windrow/common/metrics/worker-metrics.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import { Redis } from 'ioredis'
import { type DocumentedMetric, documentedMetrics, metricsPage, servicesThatMeasure } from './documented-metrics.ts'
import { documentationPages } from './pages.ts'

/** What each service measures; test/end-to-end/observed-services.test.ts asks the services themselves. */
const measures: Readonly<Record<(typeof servicesThatMeasure)[number], (metrics: Metrics) => unknown>> = {
  producer: (metrics) => [observeSweeps(metrics, () => []), observeOutages(metrics)],
  worker: (metrics) => [createWorkerMetrics(metrics, { slots: 1, spooled: async () => 0 }), observeOutages(metrics)],
  merger: (metrics) => [createMergerMetrics(metrics), observeOutages(metrics)],
  dashboard: () => [],
}

async function everyMetric(): Promise<Map<string, DocumentedMetric>> {
  const found = new Map<string, DocumentedMetric>()
  for (const service of servicesThatMeasure) {
    const metrics = createMetrics(silentLogger())
    observeRedis(new Redis({ lazyConnect: true }), metrics)
    observeStore(createMemoryStore(), metrics)
    measures[service](metrics)
    for (const metric of await metrics.registry.getMetricsAsJSON()) {
      const known = found.get(metric.name)
      found.set(metric.name, {
        type: String(metric.type),
        labels: labelsOf(metrics, metric.name),
        meaning: metric.help,
        services: [...(known?.services ?? []), service],
      })
    }
  }
  return found
}

function labelsOf({ registry }: Metrics, name: string): string {
  const labels: unknown = Reflect.get(registry.getSingleMetric(name) ?? {}, 'labelNames')
  return Array.isArray(labels) ? labels.map((label) => `\`${label}\``).join(', ') : ''
}

describe('docs/metrics.md', () => {
  it('has every metric of every service, and no other, with what the metric says of itself', async () => {
    const metrics = await everyMetric()
    assert.ok(metrics.size > 10)
    assert.deepEqual([...documentedMetrics()].sort(), [...metrics].sort())
  })

  it('has a scrape configuration whose targets are those of the commands it gives', () => {
    const ports = (text: RegExp) => Array.from(metricsPage.matchAll(text), ([, port]) => port).sort()
    assert.deepEqual(ports(/--http (\d+)/g), ports(/127\.0\.0\.1:(91\d\d)/g))
  })

  it('names no metric that is not there', async () => {
    const metrics = await everyMetric()
    const pages = documentationPages().flatMap(({ path, text }) =>
      Array.from(text.matchAll(/\bwindrow_[a-z_]+/g), ([name]) => ({
        path,
        name: name.replace(/_(bucket|sum|count)$/, ''),
      })),
    )
    const result = /^windrow_(result|session)$/
    for (const { path, name } of pages) assert.ok(metrics.has(name) || result.test(name), `${path}: ${name}`)
  })
})
