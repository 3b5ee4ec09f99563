import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { awaitRedis, connectRedis } from '@windrow/common/redis/connection.ts'
import { checkRedis } from '@windrow/common/redis/redis-health.ts'
import { parseAllDocuments } from 'yaml'
import { failure } from '../fixtures/failure.ts'
import { testRedisProgram } from '../fixtures/redis.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { manifests } from './render.ts'

const folder = await temporaryFolder()
const socket = join(folder, 'redis.sock')
const programs = join(folder, 'bin')
const { binary, libraryPath } = await testRedisProgram()
mkdirSync(programs)
symlinkSync(binary, join(programs, 'redis-server'))
const settings = readFileSync(join(manifests, 'base/redis.conf'), 'utf8')
writeFileSync(join(folder, 'redis.conf'), `${settings.replace('/data', folder)}\nport 0\nunixsocket ${socket}\n`)

/** The command of the container, on a folder instead of its volumes and a socket instead of its port. */
async function startContainer(password: string): Promise<ChildProcess> {
  const [statefulSet] = parseAllDocuments(readFileSync(join(manifests, 'base/redis.yaml'), 'utf8'))
  const command: unknown = statefulSet!.toJS().spec.template.spec.containers[0].command
  assert.ok(Array.isArray(command))
  const [program, ...args] = command.map((part) =>
    String(part).replace('/etc/redis/redis.conf', `${folder}/redis.conf`),
  )
  const env = { PATH: `${programs}:/usr/bin:/bin`, LD_LIBRARY_PATH: libraryPath, REDISCLI_AUTH: password }
  const started = spawn(program!, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  after(() => started.kill('SIGKILL'))
  return started
}

describe('the Redis of the Kubernetes manifests', () => {
  it('keeps everything, and answers to the password alone', async () => {
    await startContainer('s3cret')
    const client = connectRedis(`unix://:s3cret@${socket}`)
    const stranger = connectRedis(`unix://:guess@${socket}`)
    try {
      await awaitRedis(client, 20_000)
      assert.deepEqual(await checkRedis(client), [])
      assert.deepEqual(await client.config('GET', 'maxmemory'), ['maxmemory', String(700 * 2 ** 20)])
      await failure(awaitRedis(stranger, 2_000), 'REDIS_REFUSED')
    } finally {
      client.disconnect()
      stranger.disconnect()
    }
  })

  for (const password of ['', 'two words', 'a"b']) {
    it(`does not start with the password '${password}'`, async () => {
      const container = await startContainer(password)
      let said = ''
      container.stderr!.on('data', (chunk: Buffer) => {
        said += chunk
      })
      const [status] = await new Promise<unknown[]>((resolve) => container.once('close', (...end) => resolve(end)))
      assert.equal(status, 1)
      assert.match(said, /^WINDROW_REDIS_PASSWORD: letters and digits only/)
    })
  }
})
