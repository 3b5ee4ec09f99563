import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { testRedisProgram } from '../../../test/fixtures/redis.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { until } from '../../../test/fixtures/until.ts'
import { freePort } from '../processes/free-port.ts'
import { awaitRedis, connectRedis, endConnection } from '../redis/connection.ts'
import { type RedisServer, startRedisServer } from '../redis/embedded-server.ts'
import { createFileStore } from '../store/file-store.ts'
import { removeLeader, writeLeader } from './cluster-file.ts'
import { leaderUrl } from './leader-url.ts'

/** A store whose cluster is led by whoever is told to. */
async function cluster() {
  const { url } = await createFileStore(pathToFileURL(join(await temporaryFolder(), 'store')).href)
  const program = await testRedisProgram()
  let leaders = 0
  return {
    url,
    async start(): Promise<RedisServer> {
      const listen = { host: '127.0.0.1', port: await freePort('127.0.0.1'), password: `password of leader ${leaders}` }
      const server = await startRedisServer({ ...program, directory: await temporaryFolder(), listen })
      after(() => server.stop())
      return server
    },
    async lead({ url: redis, pid }: { url: string; pid: number }) {
      const id = String(leaders++).padStart(16, '0')
      const startedAt = new Date(0).toISOString()
      await writeLeader(url, { schema: 1, id, redis, host: 'here', pid, sweep: 'small', startedAt })
      return { id }
    },
    /** A client, with what it was told of failures. */
    connect() {
      const errors: string[] = []
      const client = connectRedis(leaderUrl(url), { onError: (error) => errors.push(`${error.code} ${error.message}`) })
      after(() => client.disconnect())
      return { client, errors }
    },
  }
}

describe('a connection to the leader of a cluster', { timeout: 60_000 }, () => {
  it('waits for the first leader, saying why, and follows it to another Redis with what was asked meanwhile', async () => {
    const { url, start, lead, connect } = await cluster()
    const { client, errors } = connect()
    const duplicate = client.duplicate()
    after(() => duplicate.disconnect())
    duplicate.on('error', () => undefined)
    await until(() => errors.length > 0)
    assert.match(errors[0]!, /^REDIS_UNAVAILABLE Nobody leads the cluster of file:.*cluster\.json/)
    await assert.rejects(awaitRedis(client, 100), { code: 'REDIS_UNAVAILABLE', message: /Nobody leads/ })

    const first = await start()
    const asked = client.set('seen', 'by the first')
    const led = await lead(first)
    assert.equal(await asked, 'OK')
    assert.equal(await duplicate.get('seen'), 'by the first')

    await removeLeader(url, led)
    await first.stop()
    const meanwhile = client.set('seen', 'by the second')
    const second = await start()
    await lead(second)
    assert.equal(await meanwhile, 'OK')
    assert.equal(await duplicate.get('seen'), 'by the second')
  })

  it('leaves a leader that has gone silent when another one takes over', async () => {
    const { start, lead, connect } = await cluster()
    const silent = await start()
    await lead(silent)
    const { client } = connect()
    await client.set('seen', 'by the silent one')
    process.kill(silent.pid, 'SIGSTOP')
    try {
      const asked = client.get('seen')
      await lead(await start())
      assert.equal(await asked, null)
    } finally {
      process.kill(silent.pid, 'SIGCONT')
    }
  })

  it('says when the leader does not answer or has another password, and ends when it is told to', async () => {
    const { start, lead, connect } = await cluster()
    const server = await start()
    await lead({ url: server.url.replace('password', 'wrong'), pid: server.pid })
    const { client, errors } = connect()
    const asked = assert.rejects(client.get('anything'))
    await until(() => errors.some((error) => /the leader of small on here .* does not answer: .*password/.test(error)))
    await server.stop()
    await until(() => errors.some((error) => /does not answer: .*ECONNREFUSED/.test(error)))
    for (const error of errors) assert.doesNotMatch(error, /of leader 0/, 'no password is told')
    endConnection(client, () => undefined)
    await asked
  })
})
