import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Queue } from 'bullmq'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

const five = 'x'.repeat(5 * 2 ** 20)
const own = { sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0 }

/** Data that whoever can write to Redis may put into the queue of the sweep, by what is wrong about them. */
const forgedData: Readonly<Record<string, unknown>> = {
  'a path as key': { ...own, key: '../../../../etc/passwd' },
  'a key with ..': { ...own, key: 'farm0_s0/..' },
  'a sweep with a path': { ...own, sweep: '../other' },
  'another sweep': { ...own, sweep: 'other' },
  'a command': { ...own, command: ['/bin/sh', '-c', 'touch forged'] },
  'a path': { ...own, output: '/etc/passwd' },
  'an optimizer': { ...own, optimizer: { name: 'scripted' } },
  'another place': { ...own, index: 1 },
  'a place beyond the end': { ...own, index: 6 },
  'a place in text': { ...own, index: '0' },
  'a negative place': { ...own, index: -1 },
  'a place without end': { ...own, index: 1e300 },
  'a manifest in text': { ...own, manifest: '0' },
  'a list of keys': { ...own, key: ['farm0_s0'] },
  nothing: null,
  'a number': 17,
  text: 'farm0_s0',
  'a list': [own],
  'a huge key': { ...own, key: five },
  'a huge field': { ...own, [five]: five },
  'escape codes': { ...own, '\u001b[2J\u001b]0;forged\u0007': 1 },
}

/** Data that no JSON.stringify makes. */
const forgedText: Readonly<Record<string, string>> = {
  'a prototype': '{"__proto__":{"key":"farm0_s0","polluted":true},"sweep":"small","index":0,"manifest":0}',
  'a prototype beside all the rest': `${JSON.stringify(own).slice(0, -1)},"__proto__":{"polluted":true}}`,
  'a constructor': `${JSON.stringify(own).slice(0, -1)},"constructor":{"prototype":{"polluted":true}}}`,
}

const forgedMerges: readonly unknown[] = [
  { sweep: '../../etc', revision: 1 },
  { sweep: 'nosuch', revision: 1 },
  { sweep: 'small', revision: -1 },
  { sweep: 'small', revision: '1' },
  { sweep: 'small', revision: 1, output: '/etc/passwd' },
  { sweep: ['small'], revision: 1 },
  null,
  five,
]

/** Every object of the store with its digest. */
function contentsOf({ folder }: Bench): Map<string, string> {
  const root = join(folder, '.windrow/store/sweeps')
  const files = (readdirSync(root, { recursive: true }) as string[]).filter((name) =>
    statSync(join(root, name)).isFile(),
  )
  return new Map(
    files.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(root, name)))
        .digest('hex'),
    ]),
  )
}

const axesOf = ({ folder }: Bench): object => JSON.parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8')).axes

describe('whoever can write to Redis', { timeout: 180_000 }, () => {
  it('makes no worker and no merger do anything but what the manifests say, nor stops them', async () => {
    const redis = await startTestRedis()
    const bench = await smallBench()
    const submit = (...args: string[]) =>
      bench.command([
        'submit',
        join(bench.folder, 'sweep.yaml'),
        '--optimizers',
        bench.optimizer.file,
        '--redis',
        redis.url,
        ...args,
      ])
    const services = servicesOf(bench, redis)
    const connection = redis.connect()
    const queue = new Queue('windrow.small', { connection })
    const merges = new Queue('windrow-merges', { connection })
    bench.specify({ name: 'other', axes: { ...axesOf(bench), seed: [0] } })
    // Makes the store, which services do not.
    const other = await submit()
    assert.equal(other.status, 0, other.stderr)
    services.start('producer', ['--every', '300ms', '--beat', '500ms'])
    const worker = services.start('worker', ['--beat', '500ms', '--look-for-sweeps', '200ms', '--concurrency', '2'])
    const merger = services.start('merger')
    try {
      bench.specify({})
      const submitted = await submit('--wait')
      assert.equal(submitted.status, 0, submitted.stderr)
      await until(() => existsSync(join(bench.folder, '.windrow/store/sweeps/other/generations/000001.json')))
      const [before, ran] = [contentsOf(bench), bench.optimizer.runs().length]

      const ids: string[] = []
      const forge = async (data: unknown, { name = 'configuration', ...opts } = {}) => {
        ids.push(`forged-${ids.length}`)
        await queue.add(name, data, { jobId: ids.at(-1)!, ...opts })
      }
      for (const data of Object.values(forgedData)) await forge(data)
      for (const text of Object.values(forgedText)) {
        await queue.pause()
        await forge(own)
        await connection.hset(queue.toKey(ids.at(-1)!), 'data', text)
        await queue.resume()
      }
      // All is right but the id, the name; later, sooner, again and again.
      await forge(own)
      await forge(own, { name: '__default__' })
      await forge({ ...own, command: ['id'] }, { name: 'merge', delay: 500 } as object)
      await forge({ ...own, path: '/' }, { priority: 1, attempts: 5, backoff: 10 } as object)
      for (const [i, data] of forgedMerges.entries()) await merges.add('merge', data, { jobId: `forged-${i}` })
      await merges.add('merge', { sweep: 'nosuch', revision: 1 }, { jobId: 'm-nosuch-r1' })

      await until(async () => (await queue.getFailedCount()) === ids.length)
      await until(async () => (await merges.getFailedCount()) === forgedMerges.length + 1)
      for (const job of [...(await queue.getFailed()), ...(await merges.getFailed())]) {
        assert.match(job.failedReason, /^(JOB_INVALID|SWEEP_UNKNOWN): /, `${job.id}`)
        assert.ok(job.failedReason.length < 500, 'what was forged is not repeated')
        assert.doesNotMatch(job.failedReason, /\p{Cc}/u)
      }
      assert.deepEqual(contentsOf(bench), before, 'the store is untouched')
      assert.equal(bench.optimizer.runs().length, ran, 'nothing ran')
      assert.ok(worker.log().length + merger.log().length < 200_000, 'logs hold no payloads')

      const rerun = await bench.command([
        'rerun',
        'small',
        'key=farm0_s0',
        '--force',
        '--reason',
        'to see',
        '--redis',
        redis.url,
      ])
      assert.equal(rerun.status, 0, rerun.stderr)
      await until(() => bench.stored('results').length === 7)
      assert.equal((await submit('--wait')).status, 0)
      for (const { pid } of [worker, merger]) process.kill(pid, 0)
    } finally {
      await services.stop()
      await Promise.all([queue.close(), merges.close()])
    }
  })
})
