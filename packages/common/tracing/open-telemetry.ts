import { hostname } from 'node:os'
import { context, DiagLogLevel, diag, propagation, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { isWindrowError, messageOf } from '../errors/windrow-error.ts'
import { systemClock } from '../time/clock.ts'
import { carriedContext, carryContext } from './carried-context.ts'
import type { Tracing, TracingOptions } from './open-tracing.ts'
import { createQueueTelemetry } from './queue-telemetry.ts'
import type { SpanFacts, Tracer } from './tracer.ts'

/** A collector that does not answer holds up the end of a process no longer than this. */
const lastPatienceMs = 2_000

/**
 * Sends spans over OTLP/HTTP (JSON), as the standard OTEL_ variables say, in batches that nothing waits for. Once a
 * process: OpenTelemetry is global.
 */
export function openTelemetry({ service, warn, brief = false }: TracingOptions): Tracing {
  diag.setLogger(warningsTo(warn), { logLevel: DiagLogLevel.WARN })
  setGlobalErrorHandler((error) => warn(`spans were lost: ${describeLoss(error)}`))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  const named = resourceFromAttributes({
    'service.name': `windrow-${service}`,
    'host.name': hostname(),
    'process.pid': process.pid,
  })
  const exporter = new OTLPTraceExporter(brief ? { timeoutMillis: lastPatienceMs } : {})
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  })
  trace.setGlobalTracerProvider(provider)
  return {
    tracer: createTracer(),
    telemetry: createQueueTelemetry(),
    close: () => closeInTime(provider, warn),
  }
}

function createTracer(): Tracer {
  const tracer = trace.getTracer('windrow')
  return {
    span: (name, facts, act) =>
      tracer.startActiveSpan(name, { attributes: attributesOf(facts) }, async (span) => {
        try {
          return await act((more) => {
            span.setAttributes(attributesOf(more))
            if (more.cause !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: String(more.cause) })
          })
        } catch (error) {
          // Not recordException: stack traces say much of the machine and little of the sweep.
          if (isWindrowError(error)) span.setAttribute('error.type', error.code)
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
          throw error
        } finally {
          span.end()
        }
      }),
    carry: () => carryContext(context.active()),
    within: (carried, act) => context.with(carriedContext(context.active(), carried), act),
  }
}

function attributesOf(facts: SpanFacts): SpanFacts {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`windrow.${name}`, value]))
}

async function closeInTime(provider: TracerProvider, warn: (message: string) => void): Promise<void> {
  const timer = new AbortController()
  const tooLate = systemClock.sleep(lastPatienceMs, timer.signal).then(() => {
    if (!timer.signal.aborted) warn('the last spans were lost: the collector did not take them in time')
  })
  try {
    await Promise.race([provider.shutdown(), tooLate])
  } catch (error) {
    warn(`the last spans were lost: ${describeLoss(error)}`)
  } finally {
    timer.abort()
  }
}

/** A refused connection has no message of its own when the name has several addresses. */
function describeLoss(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ')
  return messageOf(error) || String(Reflect.get(Object(error), 'code') ?? 'for no reason that was given')
}

function warningsTo(warn: (message: string) => void) {
  const say = (message: string) => warn(`OpenTelemetry: ${message}`)
  const ignore = () => undefined
  return { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore }
}
