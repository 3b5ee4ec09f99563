import { documentationPages } from './pages.ts'

/** A row of the table in docs/metrics.md. */
export interface DocumentedMetric {
  readonly type: string
  readonly labels: string
  readonly meaning: string
  readonly services: readonly string[]
}

export const servicesThatMeasure = ['producer', 'worker', 'merger', 'dashboard'] as const

export const metricsPage = documentationPages().find(({ path }) => path === 'docs/metrics.md')!.text

/** What docs/metrics.md says of each metric, by name. */
export function documentedMetrics(): Map<string, DocumentedMetric> {
  const rows = metricsPage.matchAll(/^\| `(windrow_\w+)` \|(.*)\|$/gm)
  return new Map(
    Array.from(rows, ([, name, rest]) => {
      const [type = '', labels = '', of = '', meaning = ''] = rest!.split('|').map((cell) => cell.trim())
      return [name!, { type, labels, meaning, services: of === 'all' ? servicesThatMeasure : of.split(', ') }]
    }),
  )
}
