import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { scrape } from '../fixtures/scrape.ts'
import { addressOf, type StartedService, servicesOf } from '../fixtures/service-processes.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { until } from '../fixtures/until.ts'

/** The same optimizer as a host sees it that lacks what it needs. */
function brokenOptimizer({ folder }: Bench): string {
  const file = join(folder, 'broken.yaml')
  const command = ['sh', '-c', 'echo "No module named floris in $$" >&2; exit 3']
  writeFileSync(file, JSON.stringify({ scripted: { command } }))
  return file
}

const recordsOf = ({ stored, record }: Bench, part: string) => stored(part).map((name) => record(part, name))

describe('a host on which everything fails while another succeeds', { timeout: 120_000 }, () => {
  it('is set aside with all its workers; what it gave up runs elsewhere, and nothing is lost', async () => {
    const redis = await startTestRedis()
    const policy = { attempts: 2, backoff: '100ms..200ms', lock: '5s', bad_host: 4 }
    const behaviours = { farm0_s0: 'gated', farm0_s1: 'gated', farm1_s2: 'when-told' }
    const bench = await smallBench(behaviours, { axes: smallAxes('0..2'), policy })
    const services = servicesOf(bench, redis)
    const operate = (...args: string[]) => bench.command([...args, '--redis', redis.url])
    const on = (host: string, n: number, ...args: string[]): StartedService =>
      services.start(
        'worker',
        [
          ...['--beat', '300ms', '--look-for-sweeps', '100ms', '--http', '0', ...args],
          ...['--spool', join(bench.folder, `spool-${host}-${n}`), '--scratch', join(bench.folder, `${host}-${n}`)],
        ],
        { SLURMD_NODENAME: host },
      )
    try {
      await operate('submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file)
      services.start('producer', ['--every', '300ms', '--beat', '300ms'])
      services.start('merger')
      const good = on('good', 0, '--concurrency', '2')
      await until(() => bench.optimizer.runs().length === 2)

      const broken = ['--optimizers', brokenOptimizer(bench), '--concurrency', '1']
      const bad = [on('bad', 0, ...broken), on('bad', 1, ...broken)]
      await until(() => bench.stored('dead').length === 4)
      bench.optimizer.openGate()
      await until(() => bench.stored('results').length === 5)
      await until(() => bench.optimizer.runs().length === 6)

      for (const worker of bad) {
        await until(() => /"code":"HOST_SET_ASIDE"/.test(worker.log()))
        const address = await addressOf(worker)
        const ready = await fetch(`${address}/readyz`)
        assert.equal(ready.status, 503)
        const { code, message } = JSON.parse(await ready.text())
        assert.equal(code, 'HOST_SET_ASIDE')
        assert.match(message, /Host bad is set aside in small\. Look at .* `windrow resume SWEEP`/)
        assert.equal((await fetch(`${address}/healthz`)).status, 200)
        assert.equal((await scrape(address)).value('windrow_sweeps_set_aside'), 1)
      }
      assert.equal((await fetch(`${await addressOf(good)}/readyz`)).status, 200)
      const { stdout } = await operate('status', 'small')
      assert.match(
        stdout,
        /host bad is set aside since .* \(its last 8 attempts failed, of 4 different .* [12] succeeded/,
      )

      assert.match((await operate('resume', 'small')).stdout, /host bad is set aside .*; it takes jobs again\./)
      for (const worker of bad) {
        await until(() => /this host is not set aside any more/.test(worker.log()))
        assert.equal((await fetch(`${await addressOf(worker)}/readyz`)).status, 200)
      }
      bench.optimizer.tell()
      await until(() => recordsOf(bench, 'generations').some(({ complete }) => complete))

      const attempts = recordsOf(bench, 'attempts')
      assert.equal(attempts.filter(({ host, outcome }) => host === 'bad' && outcome === 'failed').length, 8)
      assert.equal(attempts.filter(({ host, outcome }) => host === 'good' && outcome === 'valid').length, 6)
      assert.equal(attempts.length, 14, 'every attempt is on record, and nothing ran more often than it had to')
      const reasons = recordsOf(bench, 'reopened').map(({ reason }) => reason)
      assert.deepEqual(reasons, new Array(4).fill('attempts failed on bad, which is set aside'))
      const taken = recordsOf(bench, 'actions').map(({ action, by }) =>
        by === 'windrow' ? action : `${action} by hand`,
      )
      assert.deepEqual(taken, ['select by hand', 'set-aside', 'give-back', 'resume by hand'])
    } finally {
      await services.stop()
    }
  })
})

describe('a sweep that fails everywhere in the same way', { timeout: 120_000 }, () => {
  it('pauses itself; its run says why and ends, and goes on to the end when the cause is mended', async () => {
    const policy = { attempts: 12, backoff: '50ms..60ms', lock: '5s' }
    const bench = await smallBench({}, { axes: smallAxes('0..1'), policy })
    const { file } = bench.optimizer
    const inOrder = readFileSync(file)
    copyFileSync(brokenOptimizer(bench), file)
    const run = await bench.run(['--concurrency', '2'])
    assert.equal(run.status, 2, run.stderr)
    assert.match(
      run.stderr,
      /windrow: small has paused itself: \d\d attempts in a row failed alike on .*No module named floris/,
    )
    assert.match(
      run.stderr,
      /Such as farm\d_s\d on .*: OPTIMIZER_FAILED: sh ended with status 3: No module named floris in \d/,
    )
    assert.match(run.stderr, /code: SWEEP_PAUSED_ITSELF\n {2}next: .*windrow resume small/)
    const status = await bench.command(['status', 'small'])
    assert.match(status.stdout, /paused by windrow since .*: OPTIMIZER_FAILED: sh ended with status <n>: .* in <n>\)/)
    assert.match(status.stdout, /next: windrow resume small/)
    assert.equal(bench.stored('dead').length, 0, 'nothing was given up')

    writeFileSync(file, inOrder)
    const resumed = await bench.command(['resume', 'small', '-o', bench.output])
    assert.equal(resumed.status, 0, resumed.stderr)
    assert.match(resumed.stderr, /small was paused by windrow .*; it goes on now\./)
    assert.match(resumed.stdout, /complete: 4 of 4 merged/)
  })
})
