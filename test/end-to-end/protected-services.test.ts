import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { certificatesSkipReason, makeAuthority } from '../fixtures/certificates.ts'
import { type Ended, startWindrow } from '../fixtures/command.ts'
import { redisTlsSkipReason, startConfiguredRedis } from '../fixtures/configured-redis.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { startFaultProxy } from '../fixtures/fault-proxy.ts'
import { processesWith } from '../fixtures/processes.ts'
import { s3SkipReason, startTestS3, type TestS3 } from '../fixtures/s3.ts'
import { readProcessFile, type SecretWatch, watchForSecrets } from '../fixtures/secrets.ts'
import { addressOf, type StartedService, servicesOf } from '../fixtures/service-processes.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { until } from '../fixtures/until.ts'
import { windrowUsers } from '../fixtures/windrow-users.ts'

const skip = s3SkipReason() ?? certificatesSkipReason() ?? (await redisTlsSkipReason())
const s3 = skip ? undefined : await startTestS3()
Object.assign(process.env, s3?.environment)

const passwords = { windrow: 'Sesam/öffne?dich:#1', reader: 'Sesam&schau%nur@2' }

/** A Redis that speaks TLS only, with the users of the example. */
async function startProtectedRedis() {
  const folder = await temporaryFolder()
  const authority = await makeAuthority(folder)
  const { cert, key } = await authority.issue('redis', ['IP:127.0.0.1'])
  const files = [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${authority.ca}`]
  const lines = (port: number) => ['bind 127.0.0.1', 'port 0', `tls-port ${port}`, 'tls-auth-clients no', ...files]
  const redis = await startConfiguredRedis({ lines, users: windrowUsers(passwords) })
  const urlOf = (user: string, password: string, ca?: string) =>
    `rediss://${user}:${encodeURIComponent(password)}@127.0.0.1:${redis.port}${ca === undefined ? '' : `?ca=${ca}`}`
  return {
    ...redis,
    services: urlOf('windrow', passwords.windrow, authority.ca),
    wrong: urlOf('windrow', 'another', authority.ca),
    /** The authority is named to them in the environment. */
    reader: urlOf('windrow-reader', passwords.reader),
    trusting: { NODE_EXTRA_CA_CERTS: authority.ca },
    stranger: urlOf('windrow', passwords.windrow, (await makeAuthority(folder, 'stranger')).ca),
    /** Who was refused what, in words. */
    async refusals(): Promise<string[]> {
      const log = (await redis.administrator.call('ACL', 'LOG')) as unknown[][]
      return log.map((entry) => {
        const facts = Object.fromEntries(
          Array.from({ length: entry.length / 2 }, (_, i) => [entry[2 * i], entry[2 * i + 1]]),
        )
        return `${facts.username}: ${facts.reason} ${facts.object}`
      })
    },
  }
}

async function bytesOf({ client, bucket }: TestS3, name: string): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: name }))
  return await Body!.transformToByteArray()
}

/** Commands and optimizers, as long as they run: their command lines, and the environment of what is not ours. */
function watchProcesses(watch: SecretWatch, folder: string): () => void {
  const timer = setInterval(() => {
    watch.lookAtProcesses()
    for (const pid of processesWith('scripted-optimizer.ts', folder)) {
      watch.look(`the environment of the optimizer ${pid}`, readProcessFile(pid, 'environ'))
    }
  }, 500)
  return () => clearInterval(timer)
}

describe('a sweep on a Redis with TLS and users of its own, and a store that asks for a key', {
  skip,
  timeout: 240_000,
}, () => {
  it('runs with the rights of the example alone, through failures and outages, and shows its secrets nowhere', async () => {
    const redis = await startProtectedRedis()
    const proxy = await startFaultProxy(s3!.endpoint)
    const store = s3!.url('protected', proxy.endpoint)
    const watch = watchForSecrets({ ...passwords, key: s3!.credentials.secretAccessKey })
    const bench = await smallBench({ farm1_s0: 'empty', farm1_s1: 'crash', '*': 'gated' }, { axes: smallAxes('0..1') })
    const ended: Ended[] = []
    const command = async (user: string, ...args: string[]) => {
      const more = { ...redis.trusting, WINDROW_REDIS_URL: user, WINDROW_STORE: store }
      ended.push(await startWindrow(args, bench.folder, more).ended)
      return ended.at(-1)!
    }
    const submit = (user: string, ...args: string[]) =>
      command(user, 'submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file, ...args)
    const level = { WINDROW_STORE: store, WINDROW_LOG_LEVEL: 'trace' }
    const services = servicesOf(bench, { url: redis.services }, level)
    const readers = servicesOf(bench, { url: redis.reader }, { ...level, ...redis.trusting })
    const stopWatching = watchProcesses(watch, bench.folder)
    const started: StartedService[] = []
    try {
      assert.equal((await submit(redis.reader)).status, 0)
      assert.equal((await command(redis.reader, 'pause', 'small')).status, 0)
      started.push(services.start('producer', ['--every', '300ms', '--beat', '500ms']), services.start('merger'))
      const worker = services.start('worker', ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '3'])
      assert.equal((await command(redis.reader, 'resume', 'small')).status, 0)

      // The store is away for a while, then Redis wants another password for a while.
      await until(() => bench.optimizer.runs().length >= 2)
      proxy.faults(() => ({ kind: 'answer', status: 403, code: 'InvalidAccessKeyId' }))
      bench.optimizer.openGate()
      await until(() => /taking no new work/.test(worker.log()))
      proxy.faults(() => undefined)
      await until(() => /taking work again/.test(worker.log()))
      const { administrator } = redis
      await administrator.call('ACL', 'SETUSER', 'windrow', 'resetpass', '>another')
      await administrator.call('CLIENT', 'KILL', 'USER', 'windrow')
      await until(() => /WRONGPASS/.test(worker.log()))
      await administrator.call('ACL', 'SETUSER', 'windrow', 'resetpass', `>${passwords.windrow}`)
      await administrator.call('ACL', 'LOG', 'RESET')

      await until(async () => (await s3!.keys()).some((name) => name.endsWith('generations/000001.json')))
      const status = await command(redis.reader, 'status', 'small', '--json')
      const { source, counts, warnings } = JSON.parse(status.stdout)
      assert.deepEqual([source, counts.quarantined, counts.dead, warnings], ['ledger', 1, 1, []])
      const address = await addressOf(readers.start('dashboard', ['--port', '0']))
      for (const path of ['/', '/readyz', '/sweeps/small/farm1_s1', ...queuePages]) {
        const page = await fetch(`${address}${path}`)
        watch.look(path, await page.text())
        assert.equal(page.status, 200, path)
      }

      bench.optimizer.behave({})
      const rerun = await command(redis.services, 'rerun', 'small')
      assert.equal(rerun.status, 0, rerun.stderr)
      const waited = await submit(redis.reader, '--wait')
      assert.equal(waited.status, 0, waited.stderr)
      assert.match(waited.stdout, /complete: 4 of 4 merged/)
      assert.deepEqual(await redis.refusals(), [], 'nobody wanted more than he may')

      for (const [user, expected] of [
        [redis.wrong, /WRONGPASS/],
        [redis.stranger, /does not prove who it is: .*\?ca=/],
      ] as const) {
        assert.match((await command(user, 'status', 'small')).stdout, expected)
      }
      const refused = servicesOf(bench, { url: redis.stranger }, level).start('worker')
      await until(() => /REDIS_UNTRUSTED.*\?ca=/s.test(refused.log()))
      assert.match(
        (await command(redis.reader, 'rerun', 'small', 'farm_idx=0', '--force', '--reason', 'no')).stderr,
        /REDIS_REFUSED/,
      )
      assert.notDeepEqual(await redis.refusals(), [])
    } finally {
      stopWatching()
      await Promise.all([services.stop(), readers.stop()])
    }
    for (const { stdout, stderr } of ended) watch.look('the output of a command', `${stdout}\n${stderr}`)
    const names = await s3!.keys()
    assert.ok(names.length > 20, names.join())
    for (const name of names) watch.look(name, await bytesOf(s3!, name))
    watch.lookInto(bench.folder)
    watch.lookInto(redis.folder)
    assert.deepEqual([...watch.found], [])
  })
})

const queuePages = [
  '/queues/',
  ...['latest', 'waiting', 'active', 'failed', 'completed', 'delayed', 'prioritized'].map(
    (state) => `/queues/api/queues?activeQueue=windrow.small&page=1&jobsPerPage=10&status=${state}`,
  ),
  '/queues/api/queues/windrow.small/c-farm1_s1',
]
