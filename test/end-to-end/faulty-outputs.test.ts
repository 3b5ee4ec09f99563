import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { smallBench } from '../fixtures/end-to-end.ts'
import { processesWith } from '../fixtures/processes.ts'
import { until } from '../fixtures/until.ts'

describe('outputs that are no results', { timeout: 180_000 }, () => {
  it('quarantines them with evidence, names them, exits 2, and heals by a rerun', async () => {
    const faults = {
      farm0_s0: 'empty',
      farm0_s1: 'truncated',
      farm0_s2: 'of-another',
      farm1_s0: 'nan',
      farm1_s1: 'outside',
    }
    const bench = await smallBench(faults)
    const run = await bench.run()
    assert.equal(run.status, 2, run.stderr)
    assert.match(run.stdout, /NOT complete: 1 of 6 merged, 5 quarantined, 0 dead, 0 missing/)
    const partial = join(bench.folder, 'layouts.partial.h5')
    assert.ok(existsSync(partial))
    assert.equal(existsSync(bench.output), false, 'no file pretends to be complete')
    assert.equal((await bench.command(['verify', partial])).status, 0, 'the partial file keeps its account')

    assert.equal(bench.stored('quarantine').length, 5 * 2 * 2, 'two attempts each, bytes and evidence')
    const reasons: Record<string, unknown> = {}
    for (const name of bench.stored('quarantine').filter((file) => file.endsWith('.json'))) {
      const evidence = bench.record('quarantine', name)
      reasons[String(evidence.key)] = evidence.reason
    }
    assert.deepEqual(reasons, {
      farm0_s0: 'empty',
      farm0_s1: 'truncated',
      farm0_s2: 'wrong-key',
      farm1_s0: 'not-finite',
      farm1_s1: 'outside-boundary',
    })
    const missing = JSON.parse((await bench.command(['missing', 'small', '--json'])).stdout)
    assert.equal(JSON.stringify(missing).match(/OUTPUT_CORRUPT/g)?.length, 5)

    bench.optimizer.behave({})
    const before = bench.optimizer.runs().length
    const healed = await bench.command(['rerun', 'small'])
    assert.equal(healed.status, 0, healed.stderr)
    assert.match(healed.stdout, /generation 2, complete: 6 of 6 merged/)
    assert.equal(bench.optimizer.runs().length - before, 5, 'what was committed did not run again')
    assert.ok(existsSync(bench.output))
    assert.equal(existsSync(partial), false, 'the partial file has had its day')
  })

  it('is content with a shortfall within the declared tolerance, and still names it', async () => {
    const bench = await smallBench({ farm0_s0: 'crash' }, { policy: { attempts: 1, lock: '2s', tolerance: 1 } })
    const run = await bench.run()
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stdout, /complete: 5 of 6 merged, 0 quarantined, 1 dead, 0 missing/)
    const missing = await bench.command(['missing', 'small'])
    assert.match(missing.stdout, /farm0_s0/)
  })

  it('runs again what was lost with its worker, and keeps the attempt on record', async () => {
    const bench = await smallBench({ farm0_s0: 'slow' })
    const run = bench.start(['--concurrency', '1'])
    await until(() => bench.optimizer.runs().length >= 1)
    await until(() => processesWith('worker/main.ts', bench.folder).length === 1)
    const workers = processesWith('worker/main.ts', bench.folder)
    const commands = processesWith('scripted-optimizer.ts', bench.folder)
    process.kill(workers[0]!, 'SIGKILL')
    await until(() => !processesWith('scripted-optimizer.ts', bench.folder).some((pid) => commands.includes(pid)))
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.match(ended.stderr, /the worker was ended by SIGKILL; starting it again/)
    const outcomes = bench.stored('attempts').map((name) => bench.record('attempts', name).outcome)
    assert.equal(outcomes.filter((outcome) => outcome === 'lost').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'valid').length, 6)
  })
})
