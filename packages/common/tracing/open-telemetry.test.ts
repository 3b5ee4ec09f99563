import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import { openTracing } from './open-tracing.ts'

/** A collector that takes connections and answers nothing, as a hung one does. */
const collector = createServer().listen(0, '127.0.0.1')
await new Promise((resolve) => collector.once('listening', resolve))
after(() => collector.close())
const address = collector.address()
assert.ok(typeof address === 'object' && address !== null)
// OpenTelemetry reads the process's own.
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${address.port}`

describe('a collector that does not answer', () => {
  it('costs the spans, which is said, and neither an answer nor an error of what is traced', async () => {
    const told: string[] = []
    const { tracer, close } = await openTracing({
      service: 'test',
      environment: process.env,
      warn: (message) => told.push(message),
    })
    assert.equal(await tracer.span('well', {}, async () => 42), 42)
    await assert.rejects(
      tracer.span('badly', {}, async () => {
        throw new RangeError('as it was')
      }),
      { name: 'RangeError', message: 'as it was' },
    )
    await tracer.span('outer', {}, async () => {
      assert.match(tracer.carry() ?? '', /^00-[\da-f]{32}-[\da-f]{16}-01$/)
      const carried = tracer.carry()
      for (const nonsense of ['', '00-0-0-00', `${carried}-more`, undefined]) {
        assert.equal(await tracer.within(nonsense, async () => tracer.carry()), carried)
      }
    })
    await close()
    assert.deepEqual(told, ['the last spans were lost: the collector did not take them in time'])
  })
})
