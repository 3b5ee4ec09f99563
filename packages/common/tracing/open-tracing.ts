import type { Telemetry } from 'bullmq'
import { WindrowError } from '../errors/windrow-error.ts'
import { type Tracer, untraced } from './tracer.ts'

export interface Tracing {
  readonly tracer: Tracer
  /** Has BullMQ name, in every job it adds, the span it was added in; undefined: jobs are as they are without tracing. */
  readonly telemetry: Telemetry | undefined
  /** Sends what has not been sent yet, in two seconds at most. */
  close(): Promise<void>
}

export interface TracingOptions {
  /** The service's name, without `windrow-`. */
  readonly service: string
  readonly environment: NodeJS.ProcessEnv
  /** For a command, which ends by itself: it asks a collector that does not answer no longer than `close` waits. */
  readonly brief?: boolean
  /** Told what a person should know when spans are lost. */
  readonly warn: (message: string) => void
}

/**
 * Traces through OpenTelemetry when the environment says where spans go (OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_TRACES_EXPORTER=otlp); else there is nothing, and none of
 * OpenTelemetry's SDK is loaded. USAGE when it asks for what there is not.
 */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  if (!isWanted(options.environment)) return noTracing
  refuseUnknown(options.environment)
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry(options)
}

const noTracing: Tracing = { tracer: untraced, telemetry: undefined, close: async () => undefined }

const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const

function isWanted(environment: NodeJS.ProcessEnv): boolean {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false
  const exporter = environment.OTEL_TRACES_EXPORTER?.trim()
  if (exporter) return exporter !== 'none'
  return endpoints.some((name) => Boolean(environment[name]?.trim()))
}

/** An address may hold a password: messages name the variable, not what it says. */
function refuseUnknown(environment: NodeJS.ProcessEnv): void {
  const exporter = environment.OTEL_TRACES_EXPORTER?.trim()
  if (exporter && exporter !== 'otlp') {
    throw usage(`OTEL_TRACES_EXPORTER=${exporter}: traces go out as otlp, or not at all (none)`)
  }
  const protocol = environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? environment.OTEL_EXPORTER_OTLP_PROTOCOL
  if (protocol?.trim() === 'grpc') {
    throw usage('OTEL_EXPORTER_OTLP_PROTOCOL=grpc: traces go out over HTTP, to port 4318 of most collectors')
  }
  for (const name of endpoints) {
    const address = environment[name]?.trim()
    if (address && !/^https?:\/\//.test(address)) throw usage(`${name} is no http:// or https:// address`)
    if (address && !URL.canParse(address)) throw usage(`${name} is not a valid address`)
  }
}

const usage = (message: string) =>
  new WindrowError('USAGE', { message, next: 'Correct or remove the variable; docs/tracing.md has an example.' })
