import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { parseRedisUrl } from '@windrow/common/redis/redis-url.ts'
import { type Started, startWindrow } from '../fixtures/command.ts'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { until } from '../fixtures/until.ts'

const listening = ['--listen', '127.0.0.1', '--beat', '500ms', '--workers', '0']

interface Cluster {
  readonly bench: Bench
  /** Starts a leader that keeps its own state in a folder of its own, as on a host of its own. */
  lead(host: string): Started
  join(...args: string[]): Started
  readonly file: string
  /** What cluster.json, the file, says. */
  leader(): { redis: string; pid: number; host: string }
  /** As `windrow status` tells, which finds the leader by the store. */
  counts(): Promise<Record<string, number>>
}

async function cluster(behaviours: Record<string, string> = {}): Promise<Cluster> {
  const bench = await smallBench(behaviours, { axes: smallAxes('0..1') })
  const { folder, optimizer } = bench
  const storeUrl = pathToFileURL(join(folder, '.windrow/store')).href
  const shared = ['--store', storeUrl]
  const file = join(folder, '.windrow/store/cluster.json')
  const beats = ['--beat', '500ms', '--look-for-sweeps', '100ms']
  return {
    bench,
    lead: (host) => bench.start([...listening, ...shared, '--dir', join(folder, host)]),
    join: (...args) =>
      startWindrow(
        ['worker', ...shared, '--optimizers', optimizer.file, ...beats, '--concurrency', '2', ...args],
        folder,
      ),
    file,
    leader: () => JSON.parse(readFileSync(file, 'utf8')),
    counts: async () => JSON.parse((await bench.command(['status', 'small', '--json', ...shared])).stdout).counts,
  }
}

function assertEachRanOnceAndWhole({ optimizer, stored, record }: Bench): void {
  assert.deepEqual(optimizer.runs().toSorted(), [...new Set(optimizer.runs())].sort(), 'nothing ran twice')
  const numbers = stored('attempts').map((name) => record('attempts', name).number)
  assert.deepEqual(numbers, [1, 1, 1, 1], 'no attempt was lost')
}

describe('a run that listens, and workers that join it', { timeout: 180_000 }, () => {
  it('ends with every worker that was there for it, and nobody but its owner has seen the password', async () => {
    const { bench, lead, join: joinCluster, leader, file } = await cluster({ '*': 'when-told' })
    const worker = joinCluster('--exit-when-done', 'small', '--sweep', 'small')
    await worker.printed(/waiting: There is no store at/)
    const run = lead('node1')
    await until(() => bench.optimizer.runs().length === 2)
    const { redis } = leader()
    const { password } = parseRedisUrl(redis)
    assert.ok(password && password.length >= 32)
    assert.deepEqual(
      placesWith(password, '/proc', (pid) => join('/proc', pid, 'cmdline')),
      [],
    )
    assert.equal(statSync(file).mode & 0o777, 0o600)

    bench.optimizer.tell()
    const ended = await run.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.match(ended.stdout, /complete: 4 of 4 merged/)
    const left = await worker.ended
    assert.equal(left.status, 0, left.stderr)
    assert.match(left.stderr, /small is settled/)
    assert.equal(left.stderr.match(/waiting: There is no store/g)?.length, 1, 'said once')
    assert.equal(existsSync(file), false)
    assertEachRanOnceAndWhole(bench)
    for (const { stdout, stderr } of [ended, left]) assert.ok(!`${stdout}${stderr}`.includes(password))
    const files = (readdirSync(bench.folder, { recursive: true }) as string[]).filter((name) =>
      holds(join(bench.folder, name), password),
    )
    assert.deepEqual(files, ['node1/redis/redis.conf'])
    assert.equal(statSync(join(bench.folder, 'node1/redis/redis.conf')).mode & 0o777, 0o600)

    const late = [joinCluster('--exit-when-done', 'small'), joinCluster('--exit-when-idle', '500ms')] as const
    const [done, idle] = await Promise.all(late.map((started) => started.ended))
    assert.equal(done!.status, 0, 'the store knows when nobody leads any more')
    assert.equal(idle!.status, 0, idle!.stderr)
    assert.match(idle!.stderr, /nothing came for 0\.5 s \(--exit-when-idle\)/)
  })

  it('is followed to another Redis when another one leads; cut off for a while, it gives way, and nothing is lost', async () => {
    const { bench, lead, join: joinCluster, leader, counts } = await cluster({ '*': 'when-told' })
    const first = lead('node1')
    const worker = joinCluster('--exit-when-done', 'small')
    await until(() => bench.optimizer.runs().length === 2)
    const before = leader()
    const cutOff = Number(readFileSync(join(bench.folder, 'node1/redis/redis.pid'), 'utf8'))
    process.kill(cutOff, 'SIGSTOP')
    const second = lead('node2')
    try {
      await second.printed(/This is the leader of small/)
      await until(async () => (await counts()).running === 2)
    } finally {
      process.kill(cutOff, 'SIGCONT')
    }
    assert.notEqual(leader().redis, before.redis)
    assert.equal(bench.optimizer.runs().length, 2, 'what runs was adopted')
    const { status, stderr } = await first.ended
    assert.equal(status, 4, stderr)
    assert.match(stderr, /the leader of small on .* has taken over; this run gives way/)
    bench.optimizer.tell()
    const ended = await second.ended
    assert.equal(ended.status, 0, ended.stderr)
    assert.match(ended.stdout, /complete: 4 of 4 merged/)
    assert.equal((await worker.ended).status, 0)
    assertEachRanOnceAndWhole(bench)
  })
})

function placesWith(text: string, folder: string, pathOf: (name: string) => string): string[] {
  return readdirSync(folder).filter((name) => /^\d+$/.test(name) && holds(pathOf(name), text))
}

/** False for what is no file, and for a process that has ended meanwhile. */
function holds(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(text)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['EISDIR', 'ENOENT', 'ESRCH', 'ENXIO'].includes(code)) return false
    throw error
  }
}
