import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { smallBench } from '../fixtures/end-to-end.ts'
import { type Fault, type ProxiedRequest, startFaultProxy } from '../fixtures/fault-proxy.ts'
import { s3SkipReason, startTestS3 } from '../fixtures/s3.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { until } from '../fixtures/until.ts'

const skip = s3SkipReason()
const s3 = skip ? undefined : await startTestS3()
Object.assign(process.env, s3?.environment)

const isResult = ({ method, path }: ProxiedRequest) => method === 'PUT' && path.includes('/results/')

describe('an S3 server in the middle of a sweep', { skip, timeout: 180_000 }, () => {
  it('that fails for longer than anybody repeats a request, then cuts uploads and loses answers, costs no attempt and no result, and the sweep resumes as done', async () => {
    const proxy = await startFaultProxy(s3!.endpoint)
    const bench = await smallBench({ '*': 'gated' }, { axes: smallAxes('0..1') })
    const store = s3!.url('sweeps of mine', proxy.endpoint)
    const run = bench.start(['--store', store, '--concurrency', '2'])
    await until(() => bench.optimizer.runs().length === 2)
    let asked = 0
    proxy.faults(() => ({ kind: 'answer', status: ++asked % 2 ? 500 : 503, code: 'SlowDown' }))
    bench.optimizer.openGate()
    await run.printed(/Waiting: .*Nothing is lost meanwhile/)
    await until(() => spooled(bench.folder) === 2)
    assert.equal(bench.optimizer.runs().length, 2, 'nothing new begins meanwhile')

    const faults: Fault[] = [
      { kind: 'cut' },
      { kind: 'do-and-answer', status: 504, code: 'GatewayTimeout' },
      { kind: 'do-and-cut' },
      { kind: 'damage-request' },
    ]
    proxy.faults((request) => (isResult(request) ? faults.shift() : undefined))
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.deepEqual(faults, [])
    assert.match(ended.stdout, /generation 1, complete: 4 of 4 merged/)
    assert.equal(bench.optimizer.runs().length, 4, 'nothing was computed again')
    assert.equal(spooled(bench.folder), 0)
    proxy.faults(() => undefined)
    const status = await bench.command(['status', 'small', '--json', '--store', store])
    assert.equal(JSON.parse(status.stdout).attempts.recorded, 4)
    const verified = await bench.command(['verify', bench.output, '--store', store])
    assert.equal(verified.status, 0, verified.stdout)
    assert.equal((await s3!.keys('sweeps of mine/sweeps/small/results/')).length, 4)
    assert.deepEqual(await s3!.keys('sweeps of mine/sweeps/small/generations/'), ['000001.json'])
    assert.deepEqual(await s3!.keys('sweeps of mine/probes/'), [])
    assert.equal(existsSync(join(bench.folder, '.windrow/store')), false, 'nothing is kept beside it')

    const bytes = readFileSync(bench.output)
    const again = await bench.run(['--store', store])
    assert.equal(again.status, 0, again.stderr)
    assert.equal(bench.optimizer.runs().length, 4, 'nothing ran twice')
    assert.deepEqual(readFileSync(bench.output), bytes)
    for (const name of ['producer', 'worker', 'merger']) {
      const log = readFileSync(join(bench.folder, `.windrow/logs/${name}.log`), 'utf8')
      assert.ok(!log.includes(s3!.credentials.secretAccessKey), name)
    }
  })
})

/** Results that wait for the store. */
function spooled(folder: string): number {
  const spool = join(folder, '.windrow/spool')
  return existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith('.spooled')).length : 0
}
