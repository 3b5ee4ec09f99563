import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { attemptRequest } from '../../../test/contracts/attempt-runner.contract.ts'
import { processesWith } from '../../../test/fixtures/processes.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { until } from '../../../test/fixtures/until.ts'
import { childEnvironment } from '../child/child-environment.ts'
import { createChildPool } from './child-pool.ts'
import { processTree } from './process-tree.ts'
import type { AttemptOutcome, AttemptRequest, AttemptRunner } from './runner.ts'

const never = new AbortController().signal

interface OddPool {
  readonly folder: string
  readonly pool: AttemptRunner
  run(limits?: Partial<AttemptRequest>, signal?: AbortSignal): Promise<AttemptOutcome>
}

/** A pool of one child whose optimizer is a shell script; `$1` is a folder of the test's own. */
async function poolOf(script: string): Promise<OddPool> {
  const folder = await temporaryFolder()
  const pool = createChildPool({
    size: 1,
    scratch: join(folder, 'scratch'),
    commands: new Map([['odd', { line: ['/bin/sh', '-c', script, 'sh', folder], folder }]]),
    environment: childEnvironment({ ...process.env, WINDROW_REDIS_URL: 'redis://:sesame@host', MY_KEY: 'sesame' }),
    logger: silentLogger(),
    memoryPollMs: 50,
  })
  after(() => pool.close())
  return {
    folder,
    pool,
    async run(limits = {}, signal = never) {
      const request = await attemptRequest(0)
      const problem = { ...request.problem, optimizer: { ...request.problem.optimizer, name: 'odd' } }
      return await pool.run({ ...request, problem, ...limits }, signal)
    },
  }
}

async function ownChildren(): Promise<number[]> {
  const { pids } = await processTree(process.pid)
  return processesWith('child/main.ts').filter((pid) => pids.includes(pid))
}

describe('the child pool, with odd commands', { timeout: 60_000 }, () => {
  for (const [what, script] of [
    ['a named pipe', 'mkfifo "$WINDROW_OUTPUT"'],
    ['a folder', 'mkdir "$WINDROW_OUTPUT"'],
    ['a link to a file of somebody else', 'ln -s /etc/passwd "$WINDROW_OUTPUT"'],
  ] as const) {
    it(`takes ${what} for an empty output`, async () => {
      const { run, pool } = await poolOf(script)
      const before = await ownChildren()
      const outcome = await run()
      assert.ok(outcome.kind === 'output')
      assert.equal(outcome.bytes.length, 0)
      await pool.close()
      assert.deepEqual(
        (await ownChildren()).filter((pid) => !before.includes(pid)),
        [],
        'its child is gone with the pool',
      )
    })
  }

  it('finds nothing of the credentials of the worker in its environment, nor in that of its parent', async () => {
    const { run, folder } = await poolOf('env > "$1/own"; cat "/proc/$PPID/environ" > "$1/parent"')
    assert.equal((await run()).kind, 'output')
    const [own, parent] = ['own', 'parent'].map((name) => readFileSync(join(folder, name), 'utf8'))
    assert.match(own!, /^PATH=/m)
    assert.match(parent!, /(^|\0)PATH=/)
    for (const text of [own!, parent!]) assert.doesNotMatch(text, /sesame/)
  })

  it('reads no more of an output than a result may have', async () => {
    const { run } = await poolOf('truncate -s 3G "$WINDROW_OUTPUT"')
    const outcome = await run()
    assert.ok(outcome.kind === 'output')
    assert.ok(outcome.bytes.length > 64 * 2 ** 20 && outcome.bytes.length < 70 * 2 ** 20)
  })

  it('ends what a command leaves running behind it', async () => {
    const { run, folder } = await poolOf('sleep 600 & echo $! > "$1/pid"; exit 0')
    await run()
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    await until(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
  })

  it('counts and ends processes that a thread of the command has started', async () => {
    const script = `
      const { Worker } = require('node:worker_threads')
      const { writeFileSync } = require('node:fs')
      new Worker(\`const { spawn } = require('node:child_process')
        const child = spawn('sleep', ['600'])
        require('node:fs').writeFileSync(process.argv[2] + '/pid', String(child.pid))
        setInterval(() => {}, 1000)\`, { eval: true, argv: [process.argv[1]] })
      setInterval(() => {}, 1000)`
    const { run, folder } = await poolOf(`exec "${process.execPath}" -e "$(cat "$1/script.cjs")" "$1"`)
    writeFileSync(join(folder, 'script.cjs'), script)
    const stop = new AbortController()
    const running = run({}, stop.signal)
    await until(() => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8') !== '')
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    const { pids } = await processTree(process.pid)
    assert.ok(pids.includes(pid), 'its memory counts')
    stop.abort()
    assert.equal((await running).kind, 'stopped')
    await until(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
  })

  it('leaves it to the worker what a SIGTERM for all its processes means', async () => {
    const { run, folder } = await poolOf('trap "" TERM; touch "$1/began"; while [ ! -e "$1/go" ]; do sleep 0.05; done')
    const before = await ownChildren()
    const stop = new AbortController()
    const running = run({}, stop.signal)
    await until(() => existsSync(join(folder, 'began')))
    for (const pid of (await ownChildren()).filter((child) => !before.includes(child))) process.kill(pid, 'SIGTERM')
    writeFileSync(join(folder, 'go'), '')
    assert.equal((await running).kind, 'output')
  })

  it('takes a command that a SIGTERM ended for stopped when the worker drains by the same, else for failed', async () => {
    const { run, folder } = await poolOf('echo $$ >"$1/pid"; exec sleep 60')
    for (const drains of [true, false]) {
      writeFileSync(join(folder, 'pid'), '')
      const drain = new AbortController()
      const running = run({}, drain.signal)
      await until(() => readFileSync(join(folder, 'pid'), 'utf8').endsWith('\n'))
      process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM')
      if (drains) setTimeout(() => drain.abort(), 100)
      const outcome = await running
      assert.equal(outcome.kind, drains ? 'stopped' : 'failed')
      if (outcome.kind === 'failed') assert.match(outcome.message, /was ended by SIGTERM/)
    }
  })

  it('takes a time limit of months for what it is', async () => {
    const { run } = await poolOf('sleep 0.3')
    assert.equal((await run({ timeoutMs: 90 * 86_400_000 })).kind, 'output')
  })
})
