import assert from 'node:assert/strict'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { parser } from '@prometheus-io/lezer-promql'
import { z } from 'zod'
import { documentedMetrics } from '../documentation/documented-metrics.ts'
import { startWindrow } from '../fixtures/command.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { type Scrape, scrape, seriesNames } from '../fixtures/scrape.ts'
import { addressOf, servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

/** Of six configurations three are good, one runs for ever, one crashes and one leaves nonsense. */
const behaviours = { farm0_s0: 'hang', farm1_s0: 'crash', farm1_s1: 'nan' }

async function observedSweep() {
  const redis = await startTestRedis()
  const bench = await smallBench(behaviours)
  const services = servicesOf(bench, redis)
  const operate = (...args: string[]) => bench.command([...args, '--redis', redis.url])
  await operate('submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file)
  await operate('pause', 'small')
  const quick = ['--look-for-sweeps', '100ms', '--beat', '300ms', '--concurrency', '2']
  const [producer, worker, dashboard, merger] = await Promise.all([
    addressOf(services.start('producer', ['--every', '300ms', '--beat', '300ms', '--http', '0'])),
    addressOf(services.start('worker', quick, { WINDROW_HTTP: '127.0.0.1:0' })),
    addressOf(services.start('dashboard', ['--port', '0'], { WINDROW_HTTP: '' })),
    mergerByCommand(bench.folder, redis.url),
  ])
  const address = { producer, worker, dashboard, merger: merger.address }
  return { redis, bench, operate, address, stop: () => Promise.all([services.stop(), merger.stop()]) }
}

/** `windrow merger --http 0`: the command hands its flags on. */
async function mergerByCommand(folder: string, redisUrl: string) {
  const store = pathToFileURL(join(folder, '.windrow/store')).href
  const merger = startWindrow(['merger', '--redis', redisUrl, '--store', store, '--http', '0'], folder)
  let printed = ''
  merger.process.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk
  })
  await merger.printed(/health and metrics are at/)
  return {
    address: /"url":"(http:[^"]+)"/.exec(printed)![1]!,
    async stop() {
      merger.process.kill('SIGTERM')
      assert.equal((await merger.ended).status, 0)
    },
  }
}

const observed = await observedSweep()
const { address } = observed
const everywhere = Object.values(address)
const ready = async (url: string) => {
  const answer = await fetch(`${url}/readyz`)
  return { code: answer.status, said: await answer.json() }
}
/** One look at every service. */
const look = async () => {
  const [producer, worker, merger, dashboard] = await Promise.all([
    scrape(address.producer),
    scrape(address.worker),
    scrape(address.merger),
    scrape(address.dashboard),
  ])
  return { producer, worker, merger, dashboard }
}
const states = (producer: Scrape, metric: string, ...names: string[]) =>
  Object.fromEntries(names.map((state) => [state, producer.value(metric, { sweep: 'small', state })]))

describe('services that are asked how they are', { timeout: 120_000 }, () => {
  after(() => observed.stop())

  it('are alive and ready, and have nothing else to say', async () => {
    for (const url of everywhere) {
      assert.equal((await fetch(`${url}/healthz`)).status, 200)
      assert.deepEqual(await ready(url), { code: 200, said: { status: 'ok', redis: 'ok', store: 'ok' } })
    }
    for (const url of [address.producer, address.worker, address.merger]) {
      for (const path of ['/', '/metrics/x', '/queues']) assert.equal((await fetch(url + path)).status, 404)
      const posted = await fetch(`${url}/healthz`, { method: 'POST' })
      assert.equal(posted.status, 404)
    }
  })

  it('measure what docs/metrics.md says of each', async () => {
    for (const [service, { names }] of Object.entries(await look())) {
      const measured = [...names].filter((name) => name.startsWith('windrow_'))
      const documented = Array.from(documentedMetrics(), ([name, { type, services }]) =>
        services.includes(service) ? seriesNames(name, type) : [],
      )
      assert.deepEqual(measured.sort(), documented.flat().sort(), service)
    }
  })

  it('count what waits in a paused sweep apart: no worker is missing for it', async () => {
    await until(
      async () =>
        (await scrape(address.producer)).value('windrow_queue_jobs', { sweep: 'small', state: 'paused' }) === 6,
    )
    const { producer, worker } = await look()
    assert.deepEqual(states(producer, 'windrow_queue_jobs', 'waiting', 'active'), { waiting: 0, active: 0 })
    assert.deepEqual([worker.value('windrow_slots'), worker.value('windrow_slots_busy')], [2, 0])
  })

  it('count the sweep, its attempts, its commits and its dead by their causes', async () => {
    await observed.operate('resume', 'small')
    await until(() => settled().length === 5)
    await until(async () => (await scrape(address.worker)).value('windrow_slots_busy') === 1)
    const { producer, worker } = await look()
    const configurations = ['committed', 'running', 'dead-failed', 'dead-corrupt', 'pending', 'retrying', 'cancelled']
    assert.deepEqual(
      Object.values(states(producer, 'windrow_configurations', ...configurations)),
      [3, 1, 1, 1, 0, 0, 0],
    )
    const jobs = states(producer, 'windrow_queue_jobs', 'waiting', 'paused', 'active', 'delayed', 'failed')
    assert.deepEqual(jobs, { waiting: 0, paused: 0, active: 1, delayed: 0, failed: 2 })
    const attempts = (outcome: string, cause = '') =>
      worker.value('windrow_attempt_duration_seconds_count', { outcome, cause })
    assert.deepEqual(
      [attempts('valid'), attempts('failed', 'OPTIMIZER_FAILED'), attempts('corrupt', 'OUTPUT_CORRUPT')],
      [3, 2, 2],
    )
    assert.equal(worker.value('windrow_commit_duration_seconds_count', { outcome: 'created' }), 3)
    for (const cause of ['OPTIMIZER_FAILED', 'OUTPUT_CORRUPT']) {
      assert.equal(worker.value('windrow_dead_letters_total', { sweep: 'small', cause }), 1)
    }
    assert.equal(worker.value('windrow_outputs_refused_total', { reason: 'not-finite' }), 2)
    for (const metric of ['windrow_spool_results', 'windrow_stuck', 'windrow_outage']) {
      assert.equal(worker.value(metric), 0, metric)
    }
  })

  it('time the store and Redis', async () => {
    for (const service of Object.values(await look())) {
      assert.equal(service.value('windrow_redis_up'), 1)
      assert.ok(service.value('windrow_redis_command_duration_seconds_count', { outcome: 'ok' })! > 0)
      const folders = { operation: 'folders', outcome: 'ok' }
      assert.ok(service.value('windrow_store_operation_duration_seconds_count', folders)! > 0)
    }
    const { worker } = await look()
    const created = { operation: 'create', outcome: 'created' }
    assert.ok(worker.value('windrow_store_operation_duration_seconds_count', created)! >= 3 + 7)
  })

  it('count a merge and its generation, and the attempt that was handed back', async () => {
    await observed.operate('cancel', 'small')
    await until(() => observed.bench.stored('generations').length === 1)
    await until(
      async () => (await scrape(address.merger)).value('windrow_generations_total', { complete: 'false' }) === 1,
    )
    await until(async () => (await scrape(address.worker)).value('windrow_slots_busy') === 0)
    const { merger, worker } = await look()
    assert.equal(merger.value('windrow_merge_duration_seconds_count', { outcome: 'generation' }), 1)
    assert.equal(worker.value('windrow_attempt_duration_seconds_count', { outcome: 'handed-back' }), 1)
  })

  it('have every metric that the Grafana dashboard asks for, in expressions that Prometheus can read', async () => {
    const names = new Set(Object.values(await look()).flatMap((service) => [...service.names]))
    const expressions = grafanaExpressions()
    assert.ok(expressions.length > 20)
    for (const expression of expressions) {
      const { faults, metrics } = readExpression(expression)
      assert.equal(faults, 0, `does not parse: ${expression}`)
      for (const metric of metrics) assert.ok(names.has(metric), `${metric} in ${expression}`)
    }
    assert.deepEqual(readExpression('sum(windrow_slots').faults, 1, 'a fault is found')
  })

  it('are not ready while the store is gone, and the producer says that it cannot go on', async () => {
    const store = join(observed.bench.folder, '.windrow/store')
    renameSync(store, `${store}-away`)
    await Promise.all(everywhere.map((url) => until(async () => (await ready(url)).code === 503)))
    for (const { said } of await Promise.all(everywhere.map(ready))) {
      assert.deepEqual(said, { status: 'unavailable', redis: 'ok', store: 'STORE_UNAVAILABLE' })
    }
    const outage = async () => (await scrape(address.producer)).value('windrow_outage')
    await until(async () => (await outage()) === 1)
    renameSync(`${store}-away`, store)
    await Promise.all(everywhere.map((url) => until(async () => (await ready(url)).code === 200)))
    await until(async () => (await outage()) === 0)
  })

  it('are not ready while Redis is gone, live on, count nothing that they cannot see, and are ready again', async () => {
    await observed.redis.stop()
    await Promise.all(everywhere.map((url) => until(async () => (await ready(url)).code === 503)))
    for (const { said } of await Promise.all(everywhere.map(ready))) {
      assert.deepEqual(said, { status: 'unavailable', redis: 'REDIS_UNAVAILABLE', store: 'ok' })
    }
    for (const url of everywhere) assert.equal((await fetch(`${url}/healthz`)).status, 200)
    const { producer } = await look()
    assert.equal(producer.value('windrow_redis_up'), 0)
    assert.equal(producer.value('windrow_configurations', { sweep: 'small', state: 'committed' }), undefined)
    await observed.redis.start()
    await Promise.all(everywhere.map((url) => until(async () => (await ready(url)).code === 200)))
    const committed = { sweep: 'small', state: 'committed' }
    await until(async () => (await scrape(address.producer)).value('windrow_configurations', committed) === 3)
  })
})

const settled = () => [...observed.bench.stored('results'), ...observed.bench.stored('dead')]

const dashboardSchema = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
  templating: z.object({ list: z.array(z.object({ query: z.string() })) }),
})

/** Every expression of the dashboard, with Grafana's variables filled in. */
function grafanaExpressions(): string[] {
  const file = new URL('../../examples/grafana/windrow.json', import.meta.url)
  const { panels, templating } = dashboardSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const asked = templating.list.flatMap(({ query }) => /^label_values\((\w+), \w+\)$/.exec(query)?.[1] ?? [])
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  return [...asked, ...shown].map((text) => text.replaceAll('$__rate_interval', '5m').replaceAll('$sweep', '.*'))
}

/** How many faults Prometheus' own grammar finds in an expression, and the metrics it names. */
function readExpression(expression: string): { faults: number; metrics: string[] } {
  const metrics: string[] = []
  let faults = 0
  parser.parse(expression).iterate({
    enter({ type, name, node, from, to }) {
      if (type.isError) faults++
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.push(expression.slice(from, to))
    },
  })
  return { faults, metrics }
}
