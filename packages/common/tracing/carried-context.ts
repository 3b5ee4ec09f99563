import { type Context, propagation } from '@opentelemetry/api'

/** https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
const traceparent = /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/

/** The name of a context's span in one string; undefined when it has none. */
export function carryContext(active: Context): string | undefined {
  const carrier: Record<string, string> = {}
  propagation.inject(active, carrier)
  return carrier.traceparent
}

/** The context that goes on from a span named by `carryContext`. It came through Redis: what is no such name is passed over. */
export function carriedContext(active: Context, carried: string | undefined): Context {
  if (carried === undefined || !traceparent.test(carried)) return active
  return propagation.extract(active, { traceparent: carried })
}
