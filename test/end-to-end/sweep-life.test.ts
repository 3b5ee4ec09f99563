import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { smallBench } from '../fixtures/end-to-end.ts'
import { until } from '../fixtures/until.ts'

const square = { farm_idx: 0, name: 'square', x: [0, 4000, 4000, 0], y: [0, 0, 4000, 4000] }
const types = [{ rated_MW: 10, D: 195, hub: 121, n_turbines: 6 }]

// Meant for a service that is alone: those of a run would all want the one port, and this one is taken.
const taken = createServer().listen(0, '127.0.0.1')
await once(taken, 'listening')
after(() => taken.close())
process.env.WINDROW_HTTP = String((taken.address() as AddressInfo).port)

describe('the life of a sweep', { timeout: 180_000, concurrency: 3 }, () => {
  it('resumes the same sweep, extends it by a superset, and refuses a changed one with the difference', async () => {
    const bench = await smallBench({}, { axes: { farm: [square], type: types, seed: '0..1' } })
    assert.equal((await bench.run()).status, 0)
    assert.equal(bench.optimizer.runs().length, 2)

    assert.equal((await bench.run()).status, 0, 'the same again')
    assert.equal(bench.optimizer.runs().length, 2, 'nothing ran twice')

    bench.specify({ axes: { farm: [square], type: types, seed: '0..2' } })
    const extended = await bench.run()
    assert.equal(extended.status, 0, extended.stderr)
    assert.match(extended.stderr, /extended by 1 configurations/)
    assert.deepEqual(bench.optimizer.runs().slice(2), ['farm0_s2'])
    assert.deepEqual(bench.stored('generations'), ['000001.json', '000002.json'])

    bench.specify({ axes: { farm: [{ ...square, x: [0, 5000, 5000, 0] }], type: types, seed: '0..2' } })
    const refused = await bench.run()
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /SPEC_CHANGED/)
    assert.match(refused.stderr, /4000.*5000/s)
    assert.equal(bench.optimizer.runs().length, 3)
  })

  it('refuses an output path that holds a file of somebody else before any work starts', async () => {
    const bench = await smallBench()
    writeFileSync(bench.output, 'my thesis')
    const refused = await bench.run()
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /OUTPUT_PATH_TAKEN/)
    assert.equal(readFileSync(bench.output, 'utf8'), 'my thesis')
    assert.deepEqual(bench.optimizer.runs(), [])
    assert.deepEqual(bench.stored(''), [], 'nothing was submitted')
  })

  it('runs a part with --only, exits 0 for it, and completes the sweep afterwards', async () => {
    const bench = await smallBench()
    const part = await bench.run(['--only', 'farm_idx=1'])
    assert.equal(part.status, 0, part.stderr)
    assert.match(part.stdout, /3 of 6 merged, 0 quarantined, 0 dead, 3 missing/)
    assert.deepEqual([...new Set(bench.optimizer.runs())].sort(), ['farm1_s0', 'farm1_s1', 'farm1_s2'])
    const whole = await bench.run()
    assert.equal(whole.status, 0, whole.stderr)
    assert.match(whole.stdout, /complete: 6 of 6 merged/)
    assert.equal(bench.optimizer.runs().length, 6)
  })

  it('says what would run with --dry-run, and does nothing', async () => {
    const bench = await smallBench()
    const dry = await bench.run(['--dry-run'])
    assert.equal(dry.status, 0)
    assert.match(dry.stdout, /6 of 6 configurations would run/)
    assert.equal(existsSync(join(bench.folder, '.windrow')), false)
  })

  it('drains at Ctrl-C, says how to resume, and resuming runs only what is missing', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const run = bench.start(['--concurrency', '1'])
    await until(() => bench.stored('results').length >= 1)
    run.process.kill('SIGINT')
    const ended = await run.ended
    assert.equal(ended.status, 4, ended.stderr)
    assert.match(ended.stderr, /windrow resume small/)
    const committed = bench.stored('results').length
    assert.ok(committed < 6)
    bench.optimizer.behave({})
    const before = bench.optimizer.runs().length
    const resumed = await bench.command(['resume', 'small'])
    assert.equal(resumed.status, 0, resumed.stderr)
    assert.equal(bench.optimizer.runs().length - before, 6 - committed)
    const valid = bench
      .stored('attempts')
      .map((name) => bench.record('attempts', name))
      .filter(({ outcome }) => outcome === 'valid')
    assert.deepEqual(
      valid.map(({ number }) => number),
      [1, 1, 1, 1, 1, 1],
      'a drain spends no attempt',
    )
    assert.match(resumed.stdout, /complete: 6 of 6 merged/)
  })

  it('lets one directory be used by one run only', async () => {
    const bench = await smallBench({ '*': 'slow' })
    const run = bench.start(['--concurrency', '1'])
    await until(() => bench.stored('results').length >= 1)
    const second = await bench.run()
    assert.equal(second.status, 1)
    assert.match(second.stderr, /DIRECTORY_LOCKED/)
    for (const _twice of [1, 2]) run.process.kill('SIGTERM')
    assert.equal((await run.ended).status, 4, 'a second SIGTERM says nothing new')
  })

  it('stops its services and its Redis when it is killed', async () => {
    const bench = await smallBench({ '*': 'hang' })
    const run = bench.start(['--concurrency', '1'])
    await until(() => bench.optimizer.runs().length >= 1)
    run.process.kill('SIGKILL')
    await run.ended
    // A hanging attempt ends with its worker, which drains when `windrow run` is gone: only then is the lock free.
    bench.optimizer.behave({})
    const again = await bench.run()
    assert.equal(again.status, 0, again.stderr)
    assert.match(again.stdout, /complete: 6 of 6 merged/)
  })

  it('names the area, the type and how many turbines fitted when an area is too small', async () => {
    const crowded = [{ ...types[0], name: 'huge', n_turbines: 400 }]
    const bench = await smallBench(
      {},
      {
        axes: { farm: [square], type: crowded, seed: '0..0' },
        optimizer: { name: 'smart-start', grid_size: 10 },
      },
    )
    const run = await bench.run()
    assert.equal(run.status, 2, run.stderr)
    assert.match(run.stderr, /None of the 1 configurations of small came to a result/)
    const letter = bench.record('dead', 'farm0_s0.0.json')
    assert.equal(letter.code, 'NO_FEASIBLE_POSITIONS')
    assert.match(String(letter.message), /square.*huge|huge.*square/)
    assert.match(String(letter.message), /\d+ of 400/)
    assert.equal(letter.attempts, 1, 'what cannot heal is not repeated')
  })
})
