import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openRedisActiveSweeps } from '@windrow/common/ledger/redis-active-sweeps.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { createFileStore } from '@windrow/common/store/file-store.ts'
import { startTestRedis, type TestRedis } from '../../test/fixtures/redis.ts'
import { temporaryFolder } from '../../test/fixtures/temporary-folder.ts'

interface StartedService {
  readonly process: ChildProcess
  /** Resolves when the log matches; rejects when the service ends before. */
  logged(pattern: RegExp): Promise<void>
  readonly ended: Promise<{ status: number | null; log: string }>
}

async function startService(service: string, redis: TestRedis, args: readonly string[] = []): Promise<StartedService> {
  const folder = await temporaryFolder()
  const { url } = await createFileStore(pathToFileURL(join(folder, 'store')).href)
  const entry = fileURLToPath(new URL(`../${service}/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [entry, '--store', url, '--redis', redis.url, ...args], { cwd: folder })
  after(() => child.kill('SIGKILL'))
  let log = ''
  const watchers = new Set<() => void>()
  const onText = (text: Buffer) => {
    log += text
    for (const watch of watchers) watch()
  }
  child.stdout.on('data', onText)
  child.stderr.on('data', onText)
  const ended = new Promise<{ status: number | null; log: string }>((resolve) =>
    child.once('close', (status) => resolve({ status, log })),
  )
  return {
    process: child,
    ended,
    logged: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          if (pattern.test(log)) resolve()
        }
        watchers.add(watch)
        watch()
        void ended.then(() => reject(new Error(`ended without logging ${pattern}:\n${log}`)))
      }),
  }
}

describe('a service', { timeout: 120_000 }, () => {
  it('ends with an error when it cannot begin, instead of standing there', async () => {
    const redis = await startTestRedis()
    const file = join(await temporaryFolder(), 'a-file')
    writeFileSync(file, '')
    const worker = await startService('worker', redis, ['--spool', file])
    const { status, log } = await worker.ended
    assert.equal(status, 1)
    assert.match(log, /ENOTDIR/)
  })

  it('ends at SIGTERM while Redis is away, be it worker, producer or merger', async () => {
    const redis = await startTestRedis()
    const services = await Promise.all(['worker', 'producer', 'merger'].map((name) => startService(name, redis)))
    await Promise.all(services.map((service) => service.logged(/"started"/)))
    await redis.kill()
    for (const service of services) service.process.kill('SIGTERM')
    for (const service of services) {
      const { status, log } = await service.ended
      assert.equal(status, 0, log)
    }
  })

  it('says by its exit status whether work remained when it was told to end', async () => {
    const redis = await startTestRedis()
    const client = redis.connect()
    await openRedisActiveSweeps(client).add('small', 1, 'smart-start')
    const ledger = openRedisLedger(client, 'small')
    await ledger.create({ manifest: 0, cells: new Uint8Array(3), epochs: new Map(), instance: '1.a' })
    const [other, drained] = await Promise.all([
      startService('worker', redis, ['--sweep', 'another']),
      startService('worker', redis, ['--drain-after', '10ms']),
    ])
    assert.equal((await drained.ended).status, 4)
    assert.match((await drained.ended).log, /its time is up \(--drain-after, 0\.01 s\)/)
    await other.logged(/"started"/)
    other.process.kill('SIGTERM')
    assert.equal((await other.ended).status, 0, 'nothing of what it was for')
    const wrong = await startService('worker', redis, ['--exit-when-idle', 'soon'])
    assert.deepEqual([(await wrong.ended).status, /expected a duration/.test((await wrong.ended).log)], [1, true])
  })

  it('ends at SIGTERM while it waits for a Redis that was never there', async () => {
    const redis = await startTestRedis()
    await redis.stop()
    const worker = await startService('worker', redis)
    await worker.logged(/REDIS_UNAVAILABLE/)
    worker.process.kill('SIGTERM')
    assert.equal((await worker.ended).status, 1)
  })
})
