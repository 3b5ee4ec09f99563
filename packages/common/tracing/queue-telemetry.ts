import { type Context, ROOT_CONTEXT } from '@opentelemetry/api'
import { type Span, SpanKind, type SpanOptions, type Telemetry } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'
import { carriedContext, carryContext } from './carried-context.ts'

/**
 * bullmq-otel, for workers that run for days: spans are made of jobs that are added and processed, not of every poll and
 * lock; loops of BullMQ's own do not stay inside the span that started them; and what a job carries is the name of a span
 * and nothing else, whoever wrote it (bullmq-otel would throw at what is not JSON, with the job taken already).
 */
export function createQueueTelemetry(): Telemetry<Context> {
  const { tracer, contextManager } = new BullMQOtel({ tracerName: 'windrow' })
  return {
    tracer: {
      startSpan: (name, options, parent) =>
        isAboutJobs(options) ? withoutBulk(tracer.startSpan(name, options, parent)) : noSpan,
    },
    contextManager: {
      with: (active, act) => contextManager.with(active, act),
      active: () => contextManager.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (active) => {
        const carried = carryContext(active)
        return carried === undefined ? '' : JSON.stringify({ traceparent: carried })
      },
      fromMetadata: (active, metadata: unknown) => carriedContext(active, traceparentIn(metadata)),
    },
  }
}

function traceparentIn(metadata: unknown): string | undefined {
  return typeof metadata === 'string' ? /"traceparent":"([^"]+)"/.exec(metadata)?.[1] : undefined
}

const isAboutJobs = (options: SpanOptions | undefined) =>
  options?.kind === SpanKind.PRODUCER || options?.kind === SpanKind.CONSUMER

/** It names every one of a thousand jobs, all of them alike. */
const bulkNames = 'bullmq.job.bulk.names'

function withoutBulk(span: Span<Context>): Span<Context> {
  return {
    setSpanOnContext: (active) => span.setSpanOnContext(active),
    setAttribute: (name, value) => span.setAttribute(name, value),
    setAttributes: ({ [bulkNames]: _names, ...attributes }) => span.setAttributes(attributes),
    addEvent: (name, attributes) => span.addEvent(name, attributes),
    recordException: (exception, time) => span.recordException(exception, time),
    end: () => span.end(),
  }
}

/** In the place of a span that nobody needs: what is inside it belongs to the span around it. */
const noSpan: Span<Context> = {
  setSpanOnContext: (active) => active,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
}
