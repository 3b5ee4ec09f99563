import assert from 'node:assert/strict'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sha256Of } from '@windrow/common/commits/read-commit.ts'
import { type AttemptRecord, attemptRecordSchema } from '@windrow/common/records/attempt-record.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { openS3Store } from '@windrow/common/store/s3-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { startConfiguredRedis } from '../fixtures/configured-redis.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { s3SkipReason, startTestS3, type TestS3 } from '../fixtures/s3.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { type Host, hostsSkipReason, relayEntry, startThreeHosts } from '../fixtures/three-hosts.ts'
import { until } from '../fixtures/until.ts'

const skip = s3SkipReason() ?? (await hostsSkipReason())
const s3 = skip ? undefined : await startTestS3()
const root = fileURLToPath(new URL('../../', import.meta.url))

/** Makes the S3 server, which listens on this machine's loopback, a server of `host`, and returns its endpoint there. */
async function serveOn(host: Host, { endpoint }: TestS3): Promise<string> {
  const folder = await temporaryFolder()
  const socket = join(folder, 's3.sock')
  const { hostname, port } = new URL(endpoint)
  const server = createServer((incoming) => {
    const outgoing = createConnection(Number(port), hostname)
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  after(() => server.close())
  const relay = host.start([process.execPath, relayEntry, host.address, '9000', socket], {
    logFile: join(folder, 'relay.log'),
    env: process.env,
  })
  await until(() => relay.log().includes('listening'))
  return `http://${host.address}:9000`
}

async function listed(store: Store, prefix: string): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list(prefix)) found.push(name)
  return found.sort()
}

async function attemptsOf(store: Store, key: string): Promise<AttemptRecord[]> {
  const records = (await listed(store, names.attempts('small', key))).filter((name) => name.endsWith('.json'))
  const read = await Promise.all(
    records.map(async (name) => decodeRecord(attemptRecordSchema, name, (await store.read(name))!)),
  )
  return read.sort((a, b) => a.number - b.number)
}

/** Short, and yet longer than this machine is ever busy with something else. */
const policy = { attempts: 3, backoff: '100ms..200ms', lock: '4s' }

describe('three hosts', { skip, timeout: 180_000 }, () => {
  it('commit every configuration once though one of them is cut off with finished results and comes back', async () => {
    const { hub, left, right, setCable } = await startThreeHosts()
    const endpoint = await serveOn(hub, s3!)
    const redis = await startConfiguredRedis({
      lines: () => [`bind ${hub.address}`, 'port 6379'],
      users: ['user default on >sesame-of-the-hub ~* &* +@all'],
      within: hub.within,
    })
    const store = await openS3Store(s3!.url('hosts'), { credentials: s3!.credentials })
    const bench = await smallBench({ '*': 'gated' }, { axes: smallAxes('0..1'), policy })
    const env = {
      ...process.env,
      ...s3!.environment,
      WINDROW_REDIS_URL: `redis://:sesame-of-the-hub@${hub.address}:6379`,
      WINDROW_STORE: s3!.url('hosts', endpoint),
    }
    const logOf = (name: string) => join(bench.folder, `${name}.log`)
    const service = (host: Host, name: string, ...args: string[]) =>
      host.start([process.execPath, join(root, 'apps', name, 'main.ts'), '--end-with-parent', ...args], {
        logFile: logOf(`${name}-${host.name}`),
        env,
      })
    const worker = (host: Host) => {
      const own = [
        '--spool',
        join(bench.folder, `spool-${host.name}`),
        '--scratch',
        join(bench.folder, `work-${host.name}`),
      ]
      const pace = ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '2']
      return service(host, 'worker', '--optimizers', bench.optimizer.file, ...own, ...pace)
    }
    const command = async (name: string, ...args: string[]) => {
      const run = hub.start([join(root, 'bin/windrow'), ...args], { logFile: logOf(name), env })
      await run.ended
      return run
    }

    await command('submit', 'submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file)
    const services = [
      service(hub, 'producer', '--every', '300ms', '--beat', '500ms'),
      service(hub, 'merger', '--scratch', join(bench.folder, 'merging')),
    ]
    const zombie = worker(left)
    services.push(zombie)
    await until(() => bench.optimizer.runs().length === 2)
    const takenByZombie = bench.optimizer.runs()
    services.push(worker(right))
    await until(() => bench.optimizer.runs().length === 4)

    await setCable(left, 'down')
    bench.optimizer.openGate()
    await until(async () => (await listed(store, names.generations('small'))).length === 1)
    const before = await Promise.all((await listed(store, names.results('small'))).map((name) => store.read(name)))
    assert.equal(before.length, 4)
    assert.equal(bench.optimizer.runs().length, 6, 'what the zombie had ran again, once')
    assert.doesNotMatch(zombie.log(), /"msg":"committed"/)

    await setCable(left, 'up')
    await until(() => zombie.log().match(/"created":"exists","msg":"committed"/g)?.length === 2)

    const results = await listed(store, names.results('small'))
    assert.deepEqual(
      results,
      bench.optimizer
        .runs()
        .slice(0, 4)
        .sort()
        .map((key) => names.result('small', key, 0)),
    )
    const now = await Promise.all(results.map((name) => store.read(name)))
    assert.deepEqual(
      now.map((bytes) => sha256Of(bytes!)),
      before.map((bytes) => sha256Of(bytes!)),
    )
    assert.equal((await listed(store, names.generations('small'))).length, 1)
    for (const key of bench.optimizer.runs().slice(0, 4)) {
      const attempts = (await attemptsOf(store, key)).map(({ number, outcome, code, host }) => ({
        number,
        outcome,
        code,
        host,
      }))
      const wasLost = takenByZombie.includes(key)
      const lost = { number: 1, outcome: 'lost', code: 'WORKER_LOST', host: 'left' }
      const valid = { number: wasLost ? 2 : 1, outcome: 'valid', code: undefined, host: 'right' }
      assert.deepEqual(attempts, wasLost ? [lost, valid] : [valid], key)
    }
    await command('download', 'download', 'small', '-o', bench.output)
    const verified = await command('verify', 'verify', bench.output, '--store', env.WINDROW_STORE)
    assert.match(verified.log(), /4 of 4/)
    const status = await command('status', 'status', 'small', '--json')
    const { counts, complete } = JSON.parse(status.log())
    assert.deepEqual([counts.committed, complete], [4, true])
    await Promise.all(services.map((one) => one.stop()))
    assert.deepEqual(await redis.administrator.hgetall('windrow:{small}:running'), {})
  })
})
