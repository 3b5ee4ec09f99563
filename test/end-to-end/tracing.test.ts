import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { smallBench } from '../fixtures/end-to-end.ts'
import { type ReceivedSpan, startOtlpReceiver } from '../fixtures/otlp-receiver.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

const receiver = await startOtlpReceiver()
Object.assign(process.env, {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic c2VjcmV0',
})

describe('tracing', { timeout: 120_000 }, () => {
  it('follows every configuration from its submission to the merge, through all processes, in one trace', async () => {
    const redis = await startTestRedis()
    const bench = await smallBench({ farm1_s0: 'crash' })
    const services = servicesOf(bench, redis)
    const where = ['--redis', redis.url, '--optimizers', bench.optimizer.file]
    const submitted = await bench.command(['submit', join(bench.folder, 'sweep.yaml'), '--only', 'seed=0..1', ...where])
    assert.equal(submitted.status, 0, submitted.stderr)
    services.start('producer', ['--every', '300ms', '--beat', '500ms'])
    services.start('worker', ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '2'])
    services.start('merger')
    try {
      await until(() => bench.stored('generations').length === 1)
    } finally {
      await services.stop()
    }
    assert.equal(new Set(receiver.spans.map(({ trace }) => trace)).size, 1, 'one trace')
    for (const key of ['farm0_s0', 'farm0_s1', 'farm1_s1']) {
      assert.deepEqual(stepsOf(key), ['begin', 'attempt', 'validate', 'commit', 'settle'])
    }
    assert.deepEqual(wayTo(theSpan('commit', 'farm0_s1')), [
      'windrow-worker: commit',
      'windrow-worker: process windrow.small',
      'windrow-producer: addBulk windrow.small',
      'windrow-producer: enqueue',
      'windrow-cli: submit',
    ])
    const settled = ['windrow-worker: settle', 'windrow-worker: process windrow.small']
    const merged = ['windrow-merger: merge', 'windrow-merger: process windrow-merges']
    const [first] = receiver.spans.filter(({ name }) => name === 'merge')
    const asked = wayTo(first!).slice(0, 5)
    const askedBy =
      asked[2] === 'windrow-worker: add windrow-merges.merge' ? settled : ['windrow-producer: ask for a merge']
    assert.deepEqual([asked.slice(0, 2), asked.slice(3, 3 + askedBy.length)], [merged, askedBy])

    const { attributes } = theSpan('commit', 'farm0_s1')
    const [record] = bench.stored('attempts').filter((name) => name.startsWith('farm0_s1/'))
    assert.deepEqual(
      [attributes['windrow.sweep'], attributes['windrow.epoch'], attributes['windrow.attempt']],
      ['small', 0, bench.record('attempts', record!).attempt],
    )
    const failed = receiver.spans.filter((span) => span.failed)
    assert.deepEqual(
      failed.map(({ name, attributes: said }) => [
        name,
        said['windrow.key'],
        said['windrow.number'],
        said['windrow.cause'],
      ]),
      [1, 2].map((number) => ['attempt', 'farm1_s0', number, 'OPTIMIZER_FAILED']),
    )
    for (const secret of [redis.url, bench.folder, 'c2VjcmV0']) {
      assert.ok(!receiver.bodies.some((body) => body.includes(secret)), `${secret} was sent`)
    }
  })

  it('follows a sweep that `windrow run` brings home', async () => {
    const bench = await smallBench()
    const before = receiver.spans.length
    const ended = await bench.run(['--only', 'farm_idx=0 seed=0'])
    assert.equal(ended.status, 0, ended.stderr)
    const spans = receiver.spans.slice(before)
    assert.equal(new Set(spans.map(({ trace }) => trace)).size, 1, 'one trace')
    assert.deepEqual(
      [...new Set(spans.map(({ service }) => service))].sort(),
      ['cli', 'merger', 'producer', 'worker'].map((service) => `windrow-${service}`),
    )
  })
})

const stepsOf = (key: string) =>
  receiver.spans.filter(({ attributes }) => attributes['windrow.key'] === key).map(({ name }) => name)

function theSpan(name: string, key: string): ReceivedSpan {
  const found = receiver.spans.filter((span) => span.name === name && span.attributes['windrow.key'] === key)
  assert.equal(found.length, 1, `${name} of ${key}`)
  return found[0]!
}

/** The span and those it is in, each with its service, up to the first of the trace. */
function wayTo(span: ReceivedSpan): string[] {
  const parent = receiver.spans.find(({ id }) => id === span.parent)
  assert.ok(parent ?? span.parent === '', `${span.name} has lost its parent`)
  return [`${span.service}: ${span.name}`, ...(parent ? wayTo(parent) : [])]
}
