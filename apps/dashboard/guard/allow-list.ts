/** A request as the router understood it: what is decided on is what will run, and no second reading of the address. */
export interface RoutedRequest {
  readonly method: string
  /** The pattern of the route, such as `/queues/api/queues/:queueName/:jobId/retry`; undefined: there is none. */
  readonly route: string | undefined
  readonly params: Readonly<Record<string, string | undefined>>
}

/** Where bull-board gives one job, or all failed jobs of a queue, another chance. */
const retryOne = '/queues/api/queues/:queueName/:jobId/retry'
const retryAll = '/queues/api/queues/:queueName/retry/:queueStatus'

/** Job ids of configurations, see queue/jobs.ts. */
const jobId = /^c-[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/

/**
 * Whether a request may reach its route. Reading always may; signing in and out too; and when the dashboard is writable,
 * retrying what is dead. Nothing else that a queue UI offers: cleaning, emptying, adding and pausing would go past the
 * ledger.
 */
export function isAllowed({ method, route, params }: RoutedRequest, { writable }: { writable: boolean }): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  if (method === 'POST') return route === '/login' || route === '/logout'
  if (method !== 'PUT' || !writable) return false
  if (route === retryOne) return jobId.test(params.jobId ?? '')
  return route === retryAll && params.queueStatus === 'failed'
}
