import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { appRoutes } from '@bull-board/api/dist/routes.js'
import { openBullmqConsumer } from '@windrow/common/queue/bullmq-consumer.ts'
import { openBullmqQueue } from '@windrow/common/queue/bullmq-queue.ts'
import { jobIds, queueNames } from '@windrow/common/queue/jobs.ts'
import { names } from '@windrow/common/store/names.ts'
import { submitManifest } from '@windrow/common/sweep/manifests.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { Queue } from 'bullmq'
import { eventually } from '../../../test/fixtures/eventually.ts'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { smallSpecification, writeSpecification } from '../../../test/fixtures/small-sweep.ts'
import { fate, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { dashboardUnderTest } from '../fixtures/dashboard-under-test.ts'

const redis = await startTestRedis()
const made = await sweepInStore()
const queueName = queueNames.sweep('small')
const queue = openBullmqQueue(redis.connect(), 'small', { onError: () => undefined })
const job = (key: string) => ({ sweep: 'small', key, index: made.submitted.plan.indexOf(key) ?? 0, manifest: 0 })
const readOnly = await dashboardUnderTest(made, redis)
const writable = await dashboardUnderTest(made, redis, { writable: true })
const put = { method: 'PUT' }
const api = `/queues/api/queues/${queueName}`
const deadJob = jobIds.configuration(fate.dead)

/** A job in the failed set, and one that waits. */
async function withDeadJob(): Promise<void> {
  await queue.ensure([job(fate.dead)])
  const consumer = openBullmqConsumer(redis.connect(), {
    queue: queueName,
    concurrency: 1,
    lockDurationMs: 10_000,
    onError: assert.ifError,
    onLocksLost: () => undefined,
    process: async () => ({ kind: 'dead', message: 'ATTEMPT_MEMORY: used 9 GB of 8 GB' }),
  })
  await eventually(async () => assert.equal((await queue.counts()).failed, 1))
  await consumer.drain()
  await queue.ensure([job(fate.retrying)])
}
await withDeadJob()

/** Everything in Redis that says something of jobs. */
async function everything(): Promise<string> {
  const client = redis.connect()
  const keys = (await client.keys('bull:*')).sort()
  return JSON.stringify(await Promise.all(keys.map(async (key) => [key, await client.dump(key)])))
}

describe('what may reach bull-board', () => {
  const parameters: Readonly<Record<string, string>> = {
    ':queueName': queueName,
    ':jobId': deadJob,
    ':queueStatus': 'failed',
    ':schedulerId': 'x',
  }
  const routes = appRoutes.api.flatMap(({ method, route }) =>
    [method].flat().flatMap((verb) => [route].flat().map((path) => ({ method: verb.toUpperCase(), path }))),
  )
  const acting = routes.filter(({ method }) => method !== 'GET')
  const retries = ['/api/queues/:queueName/retry/:queueStatus', '/api/queues/:queueName/:jobId/retry']
  const addressOf = (path: string) => `/queues${path.replaceAll(/:\w+/g, (name) => parameters[name] ?? name)}`
  const forced = { 'content-type': 'application/json' }

  it('is nothing that acts, on a dashboard that is not writable', async () => {
    assert.ok(acting.length >= 20, 'bull-board has routes')
    const before = await everything()
    for (const { method, path } of acting) {
      const answer = await readOnly.ask(addressOf(path), { method, headers: forced, body: '{"force":true}' })
      assert.equal(answer.status, 403, `${method} ${path}`)
    }
    assert.equal(await everything(), before)
  })

  it('is retrying and nothing else, on one that is', async () => {
    const before = await everything()
    for (const { method, path } of acting) {
      if (retries.includes(path)) continue
      const answer = await writable.ask(addressOf(path), { method, headers: forced, body: '{"force":true}' })
      assert.equal(answer.status, 403, `${method} ${path}`)
    }
    assert.equal(await everything(), before)
    assert.deepEqual(
      retries.map((path) => acting.some((route) => route.path === path)),
      [true, true],
    )
  })

  const disguises: readonly (readonly [string, string, Record<string, string>?])[] = [
    ['PUT', `${api}/clean/retry`],
    ['PUT', `${api}/%63lean/failed`],
    ['PUT', `${api}/empty/retry`],
    ['PUT', `${api}/retry/completed`],
    ['PUT', `${api}/retry/retry`],
    ['PUT', `${api}/../${queueName}/empty`],
    ['PUT', `/queues//api/queues/${queueName}/empty`],
    ['PUT', `${api}/empty/`],
    ['PUT', `${api}/empty?/${deadJob}/retry`],
    ['PUT', `${api}/x%2Fempty/retry`],
    ['POST', `${api}/${deadJob}/retry`],
    ['DELETE', `${api}/${deadJob}/retry`],
    ['PATCH', `${api}/${deadJob}/retry`],
    ['OPTIONS', `${api}/${deadJob}/retry`],
    ['POST', `${api}/retry/failed`, { 'x-http-method-override': 'PUT' }],
    ['PUT', '/'],
    ['DELETE', `/sweeps/small/${fate.dead}`],
  ]
  it('is no request in disguise', async () => {
    const before = await everything()
    for (const [method, path, headers = {}] of disguises) {
      assert.equal((await writable.ask(path, { method, headers })).status, 403, `${method} ${path}`)
    }
    assert.equal(await everything(), before)
  })

  it('is looking, always', async () => {
    for (const dashboard of [readOnly, writable]) {
      const page = await dashboard.ask('/queues')
      assert.equal(page.status, 200)
      assert.match(page.body, /Windrow queues/)
      const script = /src="(static\/js\/main[^"]*)"/.exec(page.body)?.[1]
      assert.equal((await dashboard.ask(`/queues/${script}`)).status, 200)
      assert.equal((await dashboard.ask(`${api}/${deadJob}`)).status, 200)
    }
  })
})

describe('the queues', () => {
  interface ShownJob {
    readonly name: string
    readonly data: Record<string, unknown>
    readonly externalUrl: { readonly href: string }
  }
  const shown = async (status: string): Promise<ShownJob[]> => {
    const path = `/queues/api/queues?activeQueue=${queueName}&status=${status}&page=1&jobsPerPage=10`
    return JSON.parse((await readOnly.ask(path)).body).queues[0].jobs
  }

  it('name a job by its key, show its fields, and lead to its page', async () => {
    const [found] = await shown('failed')
    assert.equal(found?.name, fate.dead)
    assert.equal(found?.data.farm_idx, 1)
    assert.equal(found?.externalUrl.href, `/sweeps/small/${fate.dead}`)
  })

  it('show a job that Windrow has not added as what it is', async () => {
    const forger = new Queue(queueName, { connection: redis.connect() })
    const data = { sweep: 'small', key: '../../<script>', command: 'rm' }
    const forged = await forger.add('javascript:alert(1)', data, { jobId: 'forged' })
    const found = (await shown('waiting')).find(({ name }) => name === 'javascript:alert(1)')
    assert.deepEqual(found?.data, { 'not a job of Windrow': data })
    assert.equal(found?.externalUrl.href, '/#small')
    await forged.remove()
    await forger.close()
  })

  it('are polled without asking Redis for its clients', async () => {
    const client = redis.connect()
    await client.config('RESETSTAT')
    await shown('failed')
    await readOnly.ask(`${api}/workers`)
    const asked = await client.info('commandstats')
    assert.match(asked, /cmdstat_/)
    assert.doesNotMatch(asked, /cmdstat_client\|list/)
  })

  it('come and go with their sweeps', async () => {
    const listed = async () => {
      const { queues } = JSON.parse((await readOnly.ask('/queues/api/queues')).body)
      return queues.map(({ name }: { name: string }) => name).sort()
    }
    assert.deepEqual(await listed(), [queueName])
    const path = writeSpecification(await temporaryFolder(), smallSpecification({ name: 'second' }))
    const facts = { now: 0, numericsId: 'test', windrowVersion: '0.0.0' }
    await submitManifest(made.store, await readSpecification(path), facts)
    await eventually(async () => assert.deepEqual(await listed(), [queueNames.sweep('second'), queueName]))
    await made.store.remove(names.manifest('second', 0))
    await eventually(async () => assert.deepEqual(await listed(), [queueName]))
  })

  it('send a dead job back to wait and wake the producer, on a writable dashboard', async () => {
    const refused = await readOnly.ask(`${api}/${deadJob}/retry`, put)
    assert.equal(refused.status, 403)
    assert.equal((await queue.counts()).failed, 1)
    const one = await writable.ask(`${api}/${deadJob}/retry`, put)
    assert.equal(one.status, 204)
    await eventually(() => assert.deepEqual(writable.woken, ['small']))
    assert.equal((await queue.counts()).failed, 0)
    const all = await writable.ask(`${api}/retry/failed`, put)
    assert.equal(all.status, 200)
    assert.deepEqual(readOnly.woken, [])
  })
})
