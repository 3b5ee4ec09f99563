import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../../test/fixtures/eventually.ts'
import { startTestRedis } from '../../test/fixtures/redis.ts'
import { fate, sweepInStore } from '../../test/fixtures/sweep-in-store.ts'
import { dashboardUnderTest } from './fixtures/dashboard-under-test.ts'

const redis = await startTestRedis()
const made = await sweepInStore()
const readOnly = await dashboardUnderTest(made, redis)
const writable = await dashboardUnderTest(made, redis, { writable: true })
const put = { method: 'PUT' }
const api = '/queues/api/queues/windrow.small'

describe('metrics', () => {
  it('are for who may look at the dashboard', async () => {
    const { status, headers, body } = await readOnly.ask('/metrics')
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
    assert.match(body, /^windrow_redis_up 1$/m)
    assert.equal((await readOnly.ask('/metrics', { headers: { host: 'evil.example' } })).status, 403)
    assert.equal((await writable.ask('/metrics', { method: 'POST' })).status, 403)
  })
})

describe('what other sites can do', () => {
  const foreign: readonly Record<string, string>[] = [
    { host: 'evil.example' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
  ]
  for (const headers of foreign) {
    it(`is neither read nor act with ${JSON.stringify(headers)}`, async () => {
      for (const path of ['/', '/queues', '/queues/api/queues', `/sweeps/small/${fate.dead}`, '/style.css']) {
        assert.equal((await writable.ask(path, { headers })).status, 403, path)
      }
      const woken = writable.woken.length
      assert.equal((await writable.ask(`${api}/retry/failed`, { ...put, headers })).status, 403)
      assert.equal(writable.woken.length, woken)
    })
  }
})

describe('every answer', () => {
  const paths = [
    '/',
    '/queues',
    '/queues/api/queues',
    '/queues/static/favicon.ico',
    '/style.css',
    '/healthz',
    '/nothing',
    '/sweeps/small/nothing',
  ]
  it('carries the security headers', async () => {
    const answers = await Promise.all(paths.map((path) => readOnly.ask(path)))
    answers.push(await readOnly.ask('/', { method: 'DELETE' }), await readOnly.ask('/', { headers: { host: 'evil' } }))
    for (const { headers } of answers) {
      const policy = String(headers['content-security-policy'])
      assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /script-src[^;]*(unsafe|\*)/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['x-frame-options'], 'DENY')
      assert.equal(headers['referrer-policy'], 'same-origin')
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })
})

describe('when Redis is gone', () => {
  it('is alive, not ready, answers for the store, and does not keep a browser waiting', async () => {
    assert.equal((await readOnly.ask('/readyz', { headers: { host: '10.1.2.3' } })).status, 200)
    await redis.kill()
    await eventually(async () => assert.equal((await readOnly.ask('/queues/api/queues')).status, 503))
    assert.equal((await readOnly.ask('/healthz')).status, 200)
    const ready = await readOnly.ask('/readyz')
    assert.equal(ready.status, 503)
    assert.deepEqual(JSON.parse(ready.body), { status: 'unavailable', redis: 'REDIS_UNAVAILABLE', store: 'ok' })
    const { body } = await readOnly.ask('/')
    assert.match(body, /does not answer.*What follows is from the store alone/)
    assert.match(body, /<strong>5 of 8<\/strong> committed/)
    await redis.start()
    await eventually(async () => assert.equal((await readOnly.ask('/readyz')).status, 200))
  })
})
