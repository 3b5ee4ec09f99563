import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { failure } from '../../../test/fixtures/failure.ts'
import { openTracing } from './open-tracing.ts'
import { untraced } from './tracer.ts'

const open = (environment: NodeJS.ProcessEnv) =>
  openTracing({ service: 'test', environment, warn: (message) => assert.fail(message) })

describe('tracing', () => {
  it('is off unless the environment says where spans go', async () => {
    for (const environment of [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' },
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    ]) {
      const { tracer, telemetry } = await open(environment)
      assert.deepEqual([tracer, telemetry], [untraced, undefined])
    }
  })

  it('refuses what it cannot do, and repeats no password of an address', async () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318' }
    for (const [environment, message] of [
      [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER=zipkin/],
      [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /over HTTP/],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'user:secret@collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT is no http/],
      [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://user:secret@:99999' }, /TRACES_ENDPOINT is not a valid/],
    ] as const) {
      const error = await failure(open(environment), 'USAGE')
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /secret/)
    }
  })

  // Others load its API, which does nothing by itself.
  it('loads nothing of OpenTelemetry but its empty API while it is off', async () => {
    const services = ['producer', 'worker', 'merger'].map((app) => [`apps/${app}/main.ts`])
    const programs = [['apps/cli/main.ts', 'submit', 'there-is-none.yaml'], ...services]
    const loaded = await Promise.all(programs.map(loadedBy))
    for (const [index, modules] of loaded.entries()) {
      assert.ok(
        modules.some((url) => url.includes('/packages/common/tracing/open-tracing.ts')),
        programs[index]!.join(' '),
      )
      assert.deepEqual(
        modules.filter((url) => /@opentelemetry\/(?!api\/)|bullmq-otel|open-telemetry/.test(url)),
        [],
      )
    }
  })
})

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Writes the address of every module that is loaded, to standard output: services log to the other one. */
const announceModules = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  registerHooks({ load: (url, context, next) => { writeSync(1, url + '\\n'); return next(url, context) } })
`)}`

/** The modules that a program has loaded when it finds that it is not told its store (or, for the command, that there is no such file). */
function loadedBy(program: readonly string[]): Promise<string[]> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: _endpoint, WINDROW_STORE: _store, ...env } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', announceModules, ...program], { cwd: root, env }, (_status, stdout) =>
      resolve(stdout.split('\n').filter((line) => /^(file|node):/.test(line))),
    )
  })
}
