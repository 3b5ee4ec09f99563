import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { runPython } from '../fixtures/python.ts'
import { awaited } from './awaited.ts'
import { projectRoot, readProjectFile } from './compose-file.ts'
import { isHealthy, stopWorkerContainer } from './containers.ts'
import { succeeded } from './docker-engine.ts'
import type { Stack } from './stack.ts'

const specification = join(projectRoot, 'examples/quickstart.yaml')

/** The sweep of the README, in which the loss of a worker is noticed soon, which is nothing that a file shows. */
const quick = ['--set', 'policy.lock=10s']

/** The same with attempts of some seconds, so that faults come in their middle. */
const slow = [...quick, '--set', 'name=slow', '--set', 'optimizer.grid_size=160', '--set', 'ss_seed=0..15']
const slowTotal = 96

/** In the order in which they are submitted. */
const sweeps = [
  { changes: slow, total: slowTotal },
  { changes: quick, total: 24 },
] as const

const statusSchema = z.object({
  source: z.string(),
  counts: z.record(z.string(), z.number()),
  attempts: z.object({ recorded: z.number(), spent: z.number().optional() }),
})

async function statusOfSlow(stack: Stack) {
  const { stdout, stderr, status } = await stack.windrow('status', 'slow', '--json')
  if (status !== 0 && status !== 2) throw new Error(`windrow status ended with ${status}: ${stderr}`)
  const { source, counts, attempts } = statusSchema.parse(JSON.parse(stdout))
  return {
    source,
    attempts,
    committed: counts.committed!,
    running: counts.running!,
    open: slowTotal - counts.committed!,
  }
}

/** A fault has to come in the middle of the sweep. */
async function isInItsMiddle(stack: Stack): Promise<void> {
  const { open, committed } = await statusOfSlow(stack)
  assert.ok(open > 0 && committed > 0, `${committed} are committed and ${open} open`)
}

async function workGoesOn(stack: Stack): Promise<void> {
  const { committed, open } = await statusOfSlow(stack)
  assert.ok(open > 0, 'the sweep was over before this could be seen: it is too small for this machine')
  await awaited('work to go on', async () => (await statusOfSlow(stack)).committed > committed)
}

/** Two sweeps from this machine to the services in the containers: a slow one, and after it that of the README. */
export async function submit(stack: Stack): Promise<void> {
  for (const { changes, total } of sweeps) {
    const { stdout } = succeeded(await stack.windrow('submit', specification, ...changes))
    assert.match(stdout, new RegExp(`new sweep; ${total} configurations`))
  }
}

/** In the middle of its attempts, which the other one takes over. */
export async function killWorker(stack: Stack): Promise<void> {
  const [worker] = await stack.running('worker')
  await awaited('both workers to be at work and something to be committed', async () => {
    const { running, committed } = await statusOfSlow(stack)
    return running === 2 && committed > 0
  })
  await stack.docker('kill', worker!)
  await isInItsMiddle(stack)
  await workGoesOn(stack)
}

/** Then everything is brought up again, with a worker more. */
export async function killRedis(stack: Stack): Promise<void> {
  await isInItsMiddle(stack)
  await stack.docker('kill', 'windrow_redis_1')
  await awaited('a worker to notice', async () => (await stack.logOf('worker')).includes('REDIS_UNAVAILABLE'))
  assert.equal((await statusOfSlow(stack)).source, 'store', 'the status is read from the store meanwhile')
  await stack.compose('up', '--detach', '--scale', 'worker=3')
  assert.equal((await stack.running('worker')).length, 3)
  await awaited(
    'the status to be read from the ledger again',
    async () => (await statusOfSlow(stack)).source === 'ledger',
  )
  await workGoesOn(stack)
}

/** In the middle of its attempts, which it hands back. */
export async function stopWorker(stack: Stack): Promise<void> {
  await isInItsMiddle(stack)
  const workers = await stack.running('worker')
  await stopWorkerContainer(stack, workers.at(-1)!)
  await workGoesOn(stack)
}

/** What was validated meanwhile waits in the spool, and outlives the workers. */
export async function pauseStoreAndKillWorkers(stack: Stack): Promise<void> {
  await isInItsMiddle(stack)
  await pauseStore(stack)
  const spooled = async (worker: string) =>
    (await stack.docker('exec', worker, 'sh', '-c', 'ls /var/lib/windrow/spool 2>/dev/null || true'))
      .split('\n')
      .filter((name) => name.endsWith('.spooled'))
  const workers = await stack.running('worker')
  await awaited('a result in the spool', async () => (await spooled(workers[0]!)).length > 0)
  for (const worker of workers) await stack.docker('kill', worker)
  await stack.compose('unpause', 's3')
  // docker-compose 1.29 starts nothing that depends on a container which its last check found unhealthy.
  await isHealthy(stack, 's3')
  await stack.compose('up', '--detach', '--scale', 'worker=3')
  await awaited('the spool to be brought home', async () =>
    (await stack.logOf('worker')).includes('brought home from the spool'),
  )
  await awaited('the spool to be empty', async () => (await spooled(workers[0]!)).length === 0)
}

/** docker-compose 1.29 ends with status 0 also when nothing could be paused: it is looked at, and tried again. */
async function pauseStore(stack: Stack): Promise<void> {
  await awaited('the store to be paused', async () => {
    await stack.compose('pause', 's3')
    return (await stack.docker('inspect', '--format', '{{.State.Paused}}', 'windrow_s3_1')).trim() === 'true'
  })
}

/** The files of both sweeps are complete and what the commits say; one is, to the byte, that of a quiet local run. */
export async function completeAndVerified(stack: Stack, folder: string): Promise<readonly string[]> {
  const files = sweeps.map((_, n) => join(folder, `sweep-${n}.h5`))
  for (const [n, { changes, total }] of sweeps.entries()) {
    const waited = succeeded(await stack.windrow('submit', specification, ...changes, '--wait', '-o', files[n]!))
    assert.match(waited.stdout, new RegExp(`complete: ${total} of ${total} merged, 0 quarantined, 0 dead, 0 missing`))
    succeeded(await stack.windrow('verify', files[n]!, '--store', stack.storeUrl))
  }
  const { attempts, open, committed } = await statusOfSlow(stack)
  assert.equal(open, 0)
  assert.ok((attempts.spent ?? 0) > committed, `the faults cost attempts: ${attempts.spent} for ${committed}`)
  const downloaded = join(folder, 'downloaded.h5')
  succeeded(await stack.windrow('download', 'quickstart', '-o', downloaded))
  assert.equal(sha256Of(downloaded), sha256Of(files[1]!))
  // Other processors round otherwise; the README shows the file of this one.
  if (process.arch === 'x64') {
    const digest = `SHA-256 ${sha256Of(downloaded)}`
    assert.ok(readProjectFile('README.md').includes(digest), `the README shows the file with ${digest}`)
  }
  return files
}

const sha256Of = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

const readInPython = `
import sys, h5py
with h5py.File(sys.argv[1]) as f:
    keys = [key for key in f if key != 'init']
    assert all(f[key]['layout'].shape[0] == 2 and f[key]['aep'][()] > 0 for key in keys)
    assert sorted(keys) == sorted(row['key'].decode() for row in f['init/index'][:] if row['state'] == b'merged')
    print(len(keys))
`

export async function openInH5py(files: readonly string[]): Promise<void> {
  for (const [n, file] of files.entries()) {
    assert.equal((await runPython(readInPython, { args: [file] })).trim(), String(sweeps[n]!.total))
  }
}

/** In a browser, with the password. */
export async function showsInDashboard({ dashboard: { url, password } }: Stack): Promise<void> {
  const asked = await fetch(url, { redirect: 'manual' })
  assert.ok([302, 303, 401].includes(asked.status), `without a password it answers ${asked.status}`)
  const signedIn = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { origin: url },
    body: new URLSearchParams({ password }),
    redirect: 'manual',
  })
  assert.equal(signedIn.status, 303)
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
  const page = await (await fetch(url, { headers: { cookie } })).text()
  assert.match(page, /quickstart/)
  assert.match(page, /24 of 24/)
}
