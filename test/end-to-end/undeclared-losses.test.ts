import assert from 'node:assert/strict'
import { existsSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startWindrow } from '../fixtures/command.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { until } from '../fixtures/until.ts'

describe('what must not end well', { timeout: 240_000, concurrency: 3 }, () => {
  it('does not pass an earlier generation off as the outcome when nothing of it is left', async () => {
    const bench = await smallBench({}, { policy: { attempts: 1, lock: '2s' } })
    assert.equal((await bench.run()).status, 0)
    bench.optimizer.behave({ '*': 'crash' })
    const rerun = await bench.command(['rerun', 'small', 'key=*', '--force', '--reason', 'a wrong site'])
    assert.equal(rerun.status, 2, rerun.stderr)
    assert.match(rerun.stderr, /None of the 6 configurations of small came to a result/)
    assert.doesNotMatch(rerun.stdout, /generation 1, complete/)
  })

  it('runs a configuration again whose commit has gone from the store', async () => {
    const bench = await smallBench()
    assert.equal((await bench.run()).status, 0)
    rmSync(join(bench.folder, '.windrow/store/sweeps/small/results/farm0_s0.0.h5'))
    const resumed = await bench.command(['resume', 'small'])
    assert.equal(resumed.status, 0, resumed.stderr)
    assert.match(resumed.stdout, /complete: 6 of 6 merged/)
    assert.equal(bench.optimizer.runs().length, 7)
    assert.ok(existsSync(join(bench.folder, '.windrow/store/sweeps/small/results/farm0_s0.1.h5')))
  })

  it('says at once that nobody here has the optimizer of the sweep', async () => {
    const bench = await smallBench({ farm0_s0: 'crash' })
    assert.equal((await bench.run()).status, 2)
    const resumed = await startWindrow(['resume', 'small'], bench.folder).ended
    assert.equal(resumed.status, 1)
    assert.match(resumed.stderr, /OPTIMIZER_UNKNOWN/)
    assert.match(resumed.stderr, /--optimizers/)
  })

  it('says what keeps it from going on, instead of waiting without a word', async () => {
    const bench = await smallBench({ farm0_s0: 'crash' }, { policy: { attempts: 1, lock: '2s' } })
    assert.equal((await bench.run()).status, 2)
    truncateSync(join(bench.folder, '.windrow/store/sweeps/small/dead/farm0_s0.0.json'))
    const run = bench.start()
    await run.printed(/Waiting: .*dead\/farm0_s0\.0\.json/)
    run.process.kill('SIGINT')
    assert.equal((await run.ended).status, 4)
  })

  it('runs the sweep that it was asked to run, and none that was left before', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const run = bench.start(['--concurrency', '1'])
    await until(() => bench.stored('results').length >= 1)
    run.process.kill('SIGINT')
    assert.equal((await run.ended).status, 4)
    const before = bench.optimizer.runs().length
    bench.optimizer.behave({})
    bench.specify({ name: 'other', key: 'other{farm_idx}_s{seed}' })
    const other = await bench.run(['-o', join(bench.folder, 'other.h5')])
    assert.equal(other.status, 0, other.stderr)
    const runs = bench.optimizer.runs().slice(before)
    assert.equal(runs.length, 6)
    assert.deepEqual(
      runs.filter((key) => !key.startsWith('other')),
      [],
    )
  })
})
