import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startTestRedis } from '../../test/fixtures/redis.ts'
import { sweepInStore } from '../../test/fixtures/sweep-in-store.ts'
import { temporaryFolder } from '../../test/fixtures/temporary-folder.ts'
import { cleanEnvironment, entry, windrow } from './fixtures/windrow.ts'

const folder = await temporaryFolder()

test('help names every command and the exit statuses', async () => {
  const { status, stdout } = await windrow(['--help'], folder)
  assert.equal(status, 0)
  const commands =
    'run resume submit pause cancel download quarantine prune delete list status missing rerun check verify optimize producer worker merger'.split(
      ' ',
    )
  for (const command of commands) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'))
  assert.match(stdout, /Exit status: 0 complete; 1 usage/)
})

test('--version prints the version alone', async () => {
  const { status, stdout } = await windrow(['--version'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})

test('an unknown command is a usage error with a suggestion', async () => {
  const { status, stdout, stderr } = await windrow(['statsu'], folder)
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /unknown command 'statsu'\n\(Did you mean status\?\)/)
})

test('options are checked', async () => {
  assert.equal((await windrow(['run'], folder)).status, 1)
  const { status, stderr } = await windrow(['run', 'sweep.yaml', '--workers', '1.5'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /must be a whole number/)
})

test('a reader that leaves early is no failure', async () => {
  const { folder: withSweep } = await sweepInStore()
  const child = spawn(process.execPath, [entry, 'missing', 'small', '--csv'], {
    cwd: withSweep,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  child.stdout.destroy()
  const [status] = await once(child, 'close')
  assert.deepEqual([status, stderr], [2, ''])
})

test('a service without a Redis says what it needs', async () => {
  const { status, stderr } = await windrow(['worker', '--concurrency', '2'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /A worker needs a Redis.*\n {2}code: USAGE/)
})

test('a service gets its flags, store and Redis, drains when asked to, and its status is ours', async () => {
  const redis = await startTestRedis()
  const { folder: withSweep } = await sweepInStore()
  const args = ['merger', '--log-level', 'info', '--redis', redis.url, '--scratch', withSweep]
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: withSweep,
    env: cleanEnvironment(),
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let log = ''
  for await (const text of child.stderr) {
    log += text
    if (/"started"/.test(log)) child.kill('SIGTERM')
  }
  const status = child.exitCode ?? (await once(child, 'exit'))[0]
  assert.equal(status, 0, log)
  assert.match(log, /"draining"/)
  const wrong = await windrow(['merger', '--redis', redis.url, '--sctarch', 'x'], withSweep)
  assert.equal(wrong.status, 1)
})
