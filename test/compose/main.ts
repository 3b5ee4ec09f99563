import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runToEnd } from '../fixtures/run-to-end.ts'
import { baseImage, projectRoot, readComposeFile, withDefaults } from './compose-file.ts'
import {
  allAreHealthy,
  areConfined,
  drain,
  keepSecrets,
  listenOnLoopbackOnly,
  serveMetrics,
  takeDown,
} from './containers.ts'
import { type DockerEngine, startDockerEngine } from './docker-engine.ts'
import { makeLocalImages } from './local-images.ts'
import { prepareStack, type Stack } from './stack.ts'
import {
  completeAndVerified,
  killRedis,
  killWorker,
  openInH5py,
  pauseStoreAndKillWorkers,
  showsInDashboard,
  stopWorker,
  submit,
} from './sweep-under-faults.ts'

/**
 * `npm run test:compose`: docker-compose.yml and the Dockerfile, as they are, on a Docker engine started for this run, with
 * a real sweep and real faults. No registry is asked for images: they are made here under the same names.
 */
const startedAt = performance.now()
const say = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`)
const passed: string[] = []

async function check<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  say(`   ${what} ...`)
  const result = await act()
  passed.push(what)
  say(`✔  ${what}`)
  return result
}

async function runAll(engine: DockerEngine, folder: string): Promise<void> {
  const { NODE_EXTRA_CA_CERTS: certificates, npm_execpath: npm, PATH, HOME } = process.env
  if (!npm) throw new Error('start this with `npm run test:compose`')
  await makeLocalImages({ engine, folder, npm, certificates, say })
  const environment = { PATH, HOME, ...(certificates && { NODE_EXTRA_CA_CERTS: certificates }) }
  const stack = await prepareStack({ engine, folder, environment, secret: () => randomBytes(20).toString('hex') })
  try {
    await checkStack(stack, { engine, folder })
  } catch (error) {
    await showLogs(stack)
    throw error
  }
}

async function checkStack(stack: Stack, { engine, folder }: { engine: DockerEngine; folder: string }): Promise<void> {
  await check('nothing starts without the passwords', () => refusesToStartWithoutPasswords(engine))
  await check('the image is built', () => stack.compose('build'))
  await check('everything comes up healthy', async () => {
    await stack.compose('up', '--detach')
    await allAreHealthy(stack)
  })
  await check('no root, no capabilities, nothing of the image can be written to', () => areConfined(stack))
  await check('ports are on 127.0.0.1 alone', async () => listenOnLoopbackOnly(stack.ports))
  await check('health and metrics are there for other containers', () => serveMetrics(stack))
  await check('sweeps are submitted from outside', () => submit(stack))
  await check('docker kill of a worker', () => killWorker(stack))
  await check('docker kill of Redis, and up with a worker more', () => killRedis(stack))
  await check('docker stop of a worker, which drains', () => stopWorker(stack))
  await check('pause of the store; results outlive their workers in the spool', () => pauseStoreAndKillWorkers(stack))
  const files = await check('complete, verified, the bytes of a local run', () => completeAndVerified(stack, folder))
  await check('h5py opens the files', () => openInH5py(files))
  await check('the dashboard shows the sweeps to whoever has the password', () => showsInDashboard(stack))
  await check('no password in a command line or a log', () => keepSecrets(stack))
  await check('everything is healthy again', () => allAreHealthy(stack))
  await check('stop drains', () => drain(stack))
  await check('down leaves nothing', () => takeDown(stack))
}

async function refusesToStartWithoutPasswords({ environment }: DockerEngine): Promise<void> {
  const args = ['--env-file', '.env.example', 'config']
  const { status, stderr } = await runToEnd('docker-compose', args, { environment, folder: projectRoot })
  assert.notEqual(status, 0)
  assert.match(stderr, /WINDROW_REDIS_PASSWORD/)
}

async function showLogs(stack: Stack): Promise<void> {
  for (const service of Object.keys(readComposeFile().services)) {
    const lines = (await stack.logOf(service)).trimEnd().split('\n').slice(-20)
    console.log(`\n--- ${service}\n${lines.map((line) => line.slice(0, 400)).join('\n')}`)
  }
}

async function main(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'windrow-compose-'))
  let engine: DockerEngine | undefined
  try {
    engine = await startDockerEngine(folder)
    const { stdout } = await runToEnd('docker-compose', ['version', '--short'], { environment: engine.environment })
    const version = (await engine.docker(['version', '--format', '{{.Server.Version}}'])).trim()
    say(`Docker ${version}, docker-compose ${stdout.trim()}, in ${folder}`)
    await runAll(engine, folder)
    return true
  } catch (error) {
    console.error(error)
    return false
  } finally {
    await engine?.stop()
  }
}

const succeeded = await main()
const { redis, s3 } = readComposeFile().services
console.log(`\nNot run: ${withDefaults(s3!.image)} (Ceph's gateway stood in for it), ${redis!.image} and ${baseImage()} from
their registry (made here, with Debian's Redis and this project's Node), \`docker compose\` v2.`)
console.log(`${passed.length} checks passed, ${succeeded ? 0 : 1} failed: ${passed.join('; ')}`)
process.exitCode = succeeded ? 0 : 1
