import { Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** Notes what the service waits for, and (undefined) that it no longer does. */
export type OutageObserver = (what: string, reason: string | undefined) => void

/** Whether the service waits for anything that is away, as it also tells in the outages of ledger/outages.ts. */
export function observeOutages({ registry }: Metrics): OutageObserver {
  const waitingFor = new Set<string>()
  const gauge = new Gauge({
    name: 'windrow_outage',
    help: '1 while this service cannot go on with something (store or Redis away, a pass or a merge that failed), else 0.',
    registers: [registry],
  })
  return (what, reason) => {
    if (reason === undefined) waitingFor.delete(what)
    else waitingFor.add(what)
    gauge.set(waitingFor.size > 0 ? 1 : 0)
  }
}
