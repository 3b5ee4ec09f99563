import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import { attemptRequest, attemptRunnerContract } from '../../../test/contracts/attempt-runner.contract.ts'
import { processesWith } from '../../../test/fixtures/processes.ts'
import { mountSmallDisk } from '../../../test/fixtures/small-disk.ts'
import { type ScriptedOptimizer, scriptedOptimizer } from '../../../test/fixtures/small-sweep.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { until } from '../../../test/fixtures/until.ts'
import { childEnvironment } from '../child/child-environment.ts'
import { createChildPool } from './child-pool.ts'
import { createInlineRunner } from './inline-runner.ts'
import { processTree } from './process-tree.ts'
import type { AttemptRequest, AttemptRunner } from './runner.ts'

const never = new AbortController().signal

async function startPool(
  behaviours: Record<string, string> = {},
): Promise<{ pool: AttemptRunner; scratch: string; optimizer: ScriptedOptimizer }> {
  const folder = await temporaryFolder()
  const scratch = join(folder, 'scratch')
  const optimizer = scriptedOptimizer(join(folder, 'optimizer'), behaviours)
  const commands = await readCommandOptimizers(optimizer.file)
  const environment = childEnvironment(process.env)
  const pool = createChildPool({ size: 1, scratch, commands, environment, logger: silentLogger(), memoryPollMs: 50 })
  after(() => pool.close())
  return { pool, scratch, optimizer }
}

async function requestFor(
  index: number,
  optimizer = 'smart-start',
  limits: Partial<AttemptRequest> = {},
): Promise<AttemptRequest> {
  const request = await attemptRequest(index)
  const { problem } = request
  return { ...request, problem: { ...problem, optimizer: { ...problem.optimizer, name: optimizer } }, ...limits }
}

attemptRunnerContract('the child pool', async () => (await startPool()).pool)
attemptRunnerContract('the inline runner', async () => createInlineRunner())

describe('the child pool', () => {
  it('leaves nothing behind on the disk', async () => {
    const { pool, scratch } = await startPool()
    assert.equal((await pool.run(await requestFor(0), never)).kind, 'output')
    assert.deepEqual(readdirSync(scratch), [])
  })

  it('keeps what a command prints, and names its exit status', async () => {
    const { pool } = await startPool({ '*': 'crash' })
    const outcome = await pool.run(await requestFor(0, 'scripted'), never)
    assert.equal(outcome.kind, 'failed')
    if (outcome.kind !== 'failed') return
    assert.equal(outcome.code, 'OPTIMIZER_FAILED')
    assert.match(outcome.message, /ended with status 7: farm0_s0: crash$/)
    assert.equal(outcome.canHeal, true)
    assert.match(Buffer.from(outcome.log).toString(), /farm0_s0: crash/)
  })

  it('takes a command that leaves no file for one with an empty output', async () => {
    const { pool } = await startPool({ '*': 'absent' })
    const outcome = await pool.run(await requestFor(0, 'scripted'), never)
    assert.ok(outcome.kind === 'output')
    assert.equal(outcome.bytes.length, 0)
  })

  it('stops an attempt at its time limit, and runs the next one in a fresh child', async () => {
    const { pool } = await startPool({ farm0_s0: 'hang' })
    const outcome = await pool.run(await requestFor(0, 'scripted', { timeoutMs: 700 }), never)
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.code, 'ATTEMPT_TIMEOUT')
    assert.equal((await pool.run(await requestFor(1), never)).kind, 'output')
  })

  it('stops an attempt whose processes use too much memory', async () => {
    const { pool } = await startPool({ farm0_s0: 'memory' })
    const outcome = await pool.run(await requestFor(0, 'scripted', { memoryBytes: 400 * 2 ** 20 }), never)
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.code, 'ATTEMPT_MEMORY')
    assert.ok(outcome.peakMemoryBytes! > 400 * 2 ** 20)
  })

  it('stops when asked to, with the command and everything it started', async () => {
    const { pool, optimizer } = await startPool({ '*': 'hang' })
    const stop = new AbortController()
    const running = pool.run(await requestFor(0, 'scripted'), stop.signal)
    await until(() => optimizer.runs().length === 1)
    stop.abort()
    assert.equal((await running).kind, 'stopped')
    const { pids } = await processTree(process.pid)
    assert.deepEqual(
      processesWith('scripted-optimizer.ts').filter((pid) => pids.includes(pid)),
      [],
    )
  })

  it('says that an attempt was killed from outside', async () => {
    const { pool, optimizer } = await startPool({ '*': 'hang' })
    const running = pool.run(await requestFor(0, 'scripted'), never)
    await until(() => optimizer.runs().length === 1)
    const { pids } = await processTree(process.pid)
    const children = processesWith('child/main.ts').filter((pid) => pids.includes(pid))
    assert.equal(children.length, 1)
    process.kill(children[0]!, 'SIGKILL')
    const outcome = await running
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.code, 'ATTEMPT_KILLED')
  })

  it('names a full disk as the cause of a failed attempt', async (context) => {
    const disk = await mountSmallDisk(64)
    if ('skipped' in disk) return context.skip(disk.skipped)
    try {
      const pool = createChildPool({
        size: 1,
        scratch: join(disk.path, 'scratch'),
        commands: new Map(),
        environment: childEnvironment(process.env),
        logger: silentLogger(),
      })
      after(() => pool.close())
      const filler = join(disk.path, 'filler')
      fillDisk(filler)
      const outcome = await pool.run(await requestFor(0), never)
      assert.ok(outcome.kind === 'failed')
      assert.equal(outcome.code, 'DISK_FULL')
      assert.equal(outcome.canHeal, true)
      rmSync(filler)
      assert.equal((await pool.run(await requestFor(0), never)).kind, 'output')
    } finally {
      await disk.remove()
    }
  })
})

/** Writes a file that takes all the room there is. */
function fillDisk(path: string): void {
  try {
    for (;;) appendFileSync(path, new Uint8Array(4096))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  }
}
