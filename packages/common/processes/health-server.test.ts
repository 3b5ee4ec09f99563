import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, describe, it } from 'node:test'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { WindrowError } from '../errors/windrow-error.ts'
import { silentLogger } from '../logging/logger.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createHealth } from './health.ts'
import { startHealthServer } from './health-server.ts'

const redis = await startTestRedis()

/** A service that is asked how it is; what it is asked about can be changed. */
async function askedService() {
  const drain = new AbortController()
  const service = {
    health: createHealth(),
    metrics: createMetrics(silentLogger()),
    redis: redis.connect(),
    store: createMemoryStore() as Store | undefined,
    shutdown: drain.signal,
    logger: silentLogger(),
  }
  const server = await startHealthServer('0', service)
  after(() => server.close())
  const { port } = new URL(server.listeningOrigin)
  const ask = (path: string, { host = `127.0.0.1:${port}`, method = 'GET' } = {}) =>
    new Promise<{ status: number; said: unknown }>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false }, (answer) => {
        let text = ''
        answer.on('data', (chunk: Buffer) => {
          text += chunk
        })
        const isJson = answer.headers['content-type']?.startsWith('application/json')
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, said: isJson && text ? JSON.parse(text) : text }),
        )
      })
      asked.on('error', reject)
      asked.end()
    })
  return { service, drain, ask, port }
}

describe('the health of a service', () => {
  it('is bad while the service says so, and why', async () => {
    const { service, ask } = await askedService()
    assert.deepEqual(await ask('/healthz'), { status: 200, said: { status: 'ok' } })
    service.health.report({ code: 'WORKER_STUCK', message: 'jobs wait' })
    const said = { status: 'unhealthy', code: 'WORKER_STUCK', message: 'jobs wait' }
    assert.deepEqual(await ask('/healthz'), { status: 503, said })
    service.health.report(undefined)
    assert.equal((await ask('/healthz')).status, 200)
  })

  it('does not make it ready while something holds it back, though it is well', async () => {
    const { service, ask } = await askedService()
    service.health.holdBack({ code: 'HOST_SET_ASIDE', message: 'set aside in small' })
    const said = {
      status: 'unavailable',
      redis: 'ok',
      store: 'ok',
      code: 'HOST_SET_ASIDE',
      message: 'set aside in small',
    }
    assert.deepEqual(await ask('/readyz'), { status: 503, said })
    assert.equal((await ask('/healthz')).status, 200)
    service.health.holdBack(undefined)
    assert.equal((await ask('/readyz')).status, 200)
  })

  it('does not make it ready before its store is open, nor while it drains', async () => {
    const { service, drain, ask } = await askedService()
    const { store } = service
    service.store = undefined
    const unopened = { status: 'unavailable', redis: 'ok', store: 'STORE_UNAVAILABLE' }
    assert.deepEqual(await ask('/readyz'), { status: 503, said: unopened })
    service.store = store
    assert.deepEqual(await ask('/readyz'), { status: 200, said: { status: 'ok', redis: 'ok', store: 'ok' } })
    drain.abort()
    const draining = { status: 'unavailable', redis: 'ok', store: 'ok', draining: true }
    assert.deepEqual(await ask('/readyz'), { status: 503, said: draining })
    assert.equal((await ask('/healthz')).status, 200)
  })

  it('does not make it ready while its store hangs or fails, and asks a store that hangs no second time', async () => {
    const { service, ask } = await askedService()
    const whole = createMemoryStore()
    let asked = 0
    const hang = () => {
      asked++
      return new Promise<string[]>(() => undefined)
    }
    service.store = boundStore(whole, { folders: hang })
    for (const { status, said } of await Promise.all([ask('/readyz'), ask('/readyz')])) {
      assert.deepEqual([status, said], [503, { status: 'unavailable', redis: 'ok', store: 'STORE_UNAVAILABLE' }])
    }
    assert.equal(asked, 1)

    const other = await askedService()
    const refused = new WindrowError('STORE_REFUSED', { message: 'no' })
    other.service.store = boundStore(whole, { folders: () => Promise.reject(refused) })
    assert.equal((await other.ask('/readyz')).status, 503)
    other.service.store = whole
    assert.equal((await other.ask('/readyz')).status, 200)
  })

  it('is told at three addresses and nowhere else, to who asks for this machine by its own name', async () => {
    const { ask, port } = await askedService()
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      assert.equal((await ask(path)).status, 200, path)
      assert.equal((await ask(path, { method: 'HEAD' })).status, 200, path)
      for (const method of ['POST', 'PUT', 'DELETE']) assert.equal((await ask(path, { method })).status, 404)
      for (const host of ['localhost', `localhost:${port}`, '[::1]:80']) {
        assert.equal((await ask(path, { host })).status, 200, host)
      }
      for (const host of ['evil.example', '192.168.1.4', 'localhost.evil.example']) {
        assert.equal((await ask(path, { host })).status, 403, host)
      }
    }
    for (const path of ['/', '/healthz/', '/metrics/x', '//metrics', '/..%2Fmetrics']) {
      assert.equal((await ask(path)).status, 404, path)
    }
  })

  it('is told of a scrape that failed, too', async () => {
    const { service, ask } = await askedService()
    service.metrics.onFirstScrape(() => {
      throw new Error('cannot begin')
    })
    assert.deepEqual(await ask('/metrics'), { status: 500, said: { status: 'failed', message: 'cannot begin' } })
    assert.equal((await ask('/%')).status, 400)
  })

  it('cannot be told where somebody else listens already', async () => {
    const { service, port } = await askedService()
    await assert.rejects(startHealthServer(port, service), { code: 'USAGE', message: /127\.0\.0\.1:\d+.*EADDRINUSE/ })
  })
})
