import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { startTestRedis, testRedisProgram } from '../../../test/fixtures/redis.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import { freePort } from '../processes/free-port.ts'
import { connectRedis } from './connection.ts'
import { type RedisServerOptions, startRedisServer } from './embedded-server.ts'

const program = await testRedisProgram()
const password = 'a password of 32 characters or so'

test('listens on a Unix socket in a folder closed to others, and on no port', async () => {
  const { client, server, directory } = await started()
  assert.equal(server.socket, join(directory, 'redis.sock'))
  assert.equal((await stat(directory)).mode & 0o777, 0o700)
  assert.deepEqual(await client.config('GET', 'port'), ['port', '0'])
})

test('writes an append-only file every second and evicts nothing', async () => {
  const { client } = await started()
  const settings = { appendonly: 'yes', appendfsync: 'everysec', save: '', 'maxmemory-policy': 'noeviction' }
  for (const [name, value] of Object.entries(settings))
    assert.deepEqual(await client.config('GET', name), [name, value])
})

test('what was written survives stop and start', async () => {
  const { client, server, directory } = await started()
  await client.set('key', 'value')
  await server.stop()
  assert.deepEqual((await server.ended).expected, true)
  assert.equal(await (await started({ directory })).client.get('key'), 'value')
})

test('what was written survives SIGKILL of the server, which says so', async () => {
  const redis = await startTestRedis()
  await redis.connect().set('key', 'value')
  await redis.kill()
  await redis.start()
  assert.equal(await redis.connect().get('key'), 'value')
})

test('an end that nobody asked for is told apart', async () => {
  const { server } = await started()
  process.kill(server.pid, 'SIGTERM')
  const end = await server.ended
  assert.equal(end.expected, false)
  assert.match(end.message, /redis-server ended with status 0:[\s\S]*bye bye/)
})

test('the server ends in good order when the process that started it is killed with SIGKILL', async () => {
  const { starter, pid, directory } = await startedElsewhere()
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  await gone(pid)
  assert.match(await readFile(join(directory, 'redis.log'), 'utf8'), /bye bye/)
  assert.equal(await (await started({ directory })).client.get('key'), 'value')
})

test('a new server waits for the one whose starter was killed a moment ago', async () => {
  const { starter, pid, directory } = await startedElsewhere()
  starter.kill('SIGKILL')
  const { client, server } = await started({ directory })
  assert.notEqual(server.pid, pid)
  assert.equal(await client.get('key'), 'value')
  await gone(pid)
  assert.equal(existsSync(server.socket ?? ''), true)
})

test('Ctrl-C in the terminal does not reach the server', async () => {
  const { starter, pid } = await startedElsewhere()
  process.kill(-(starter.pid ?? 0), 'SIGINT')
  await sleep(200)
  assert.equal(isRunning(pid), true)
  starter.kill('SIGKILL')
  await gone(pid)
})

test('a path too long for a socket puts it into a private folder that is removed afterwards', async () => {
  const directory = join(await temporaryFolder(), 'a long name of a project folder '.repeat(4))
  const { client, server } = await started({ directory })
  await client.set('key', 'value')
  const folder = dirname(server.socket ?? '')
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  await server.stop()
  assert.equal(existsSync(folder), false)
  assert.equal(await (await started({ directory })).client.get('key'), 'value')
})

test('blanks, quotes and letters of any alphabet in the path do no harm', async () => {
  const directory = join(await temporaryFolder(), `it's "my" $HOME \\ sweep; ü`)
  assert.equal(await (await started({ directory })).client.ping(), 'PONG')
})

test('a TCP listener asks for its password, which stands in a file for its owner only', async () => {
  const port = await freePort('127.0.0.1')
  const { client, server, directory } = await started({ listen: { host: '127.0.0.1', port, password } })
  assert.equal(await client.ping(), 'PONG')
  const stranger = connectRedis(`redis://127.0.0.1:${port}`)
  after(() => stranger.disconnect())
  await assert.rejects(stranger.ping(), /NOAUTH/)
  assert.equal((await stat(join(directory, 'redis.conf'))).mode & 0o777, 0o600)
  const commandLine = await readFile(`/proc/${server.pid}/cmdline`, 'utf8').catch(() => '')
  assert.doesNotMatch(commandLine, /password/)
})

test('a TCP listener without a proper password is refused', async () => {
  const listen = { host: '127.0.0.1', port: 1, password: 'short' }
  await assert.rejects(startRedisServer({ ...program, directory: await temporaryFolder(), listen }), { code: 'USAGE' })
})

test('a server that does not start says why', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const port = portOf(holder)
  const directory = await temporaryFolder()
  const error = await startRedisServer({ ...program, directory, listen: { host: '127.0.0.1', port, password } }).catch(
    (e) => e,
  )
  holder.close()
  assert.ok(isWindrowError(error, 'PROCESS_FAILED'))
  assert.match(error.message, /ended with status 1:[\s\S]*Address already in use/i)
})

test('damaged data are reported in the words of the server', async () => {
  const directory = await temporaryFolder()
  await mkdir(join(directory, 'appendonlydir'))
  await writeFile(join(directory, 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n')
  await assert.rejects(startRedisServer({ ...program, directory }), { code: 'PROCESS_FAILED', message: /AOF/ })
})

test('a program that is not there is a readable failure', async () => {
  const options = { binary: '/nowhere/redis-server', directory: await temporaryFolder() }
  await assert.rejects(startRedisServer(options), { code: 'PROCESS_FAILED', message: /not found/ })
})

test('an aborted signal stops the server', async () => {
  const controller = new AbortController()
  const { server } = await started({ signal: controller.signal })
  controller.abort()
  assert.equal((await server.ended).expected, true)
})

async function started(options: Partial<RedisServerOptions> = {}) {
  const directory = options.directory ?? (await temporaryFolder())
  const server = await startRedisServer({ ...program, directory, ...options })
  const client: Redis = connectRedis(server.url)
  after(async () => {
    client.disconnect()
    await server.stop()
  })
  return { server, client, directory }
}

/** A server with `key` set, started by another process that leads a group of its own, as a shell's job does. */
async function startedElsewhere() {
  const directory = await temporaryFolder()
  const starter = spawn(
    process.execPath,
    ['--input-type=module', '-e', starterCode, JSON.stringify({ ...program, directory })],
    {
      cwd: import.meta.dirname,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  after(() => starter.kill('SIGKILL'))
  const [line] = await once(starter.stdout, 'data')
  return { starter, directory, pid: Number(line) }
}

const starterCode = `
import { startRedisServer } from '@windrow/common/redis/embedded-server.ts'
import { connectRedis } from '@windrow/common/redis/connection.ts'
process.on('SIGINT', () => {})
const server = await startRedisServer(JSON.parse(process.argv[1]))
await connectRedis(server.url).set('key', 'value')
console.log(server.pid)
`

async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await sleep(10)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}
