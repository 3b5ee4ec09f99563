import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { type SlurmCluster, slurmSkipReason, startSlurm } from '../fixtures/slurm.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'
import { until } from '../fixtures/until.ts'

const skip = slurmSkipReason()
const slurm = skip ? undefined : await startSlurm(4)

const root = fileURLToPath(new URL('../..', import.meta.url))
const example = (name: string) => join(root, 'examples/slurm', name)

/** The small sweep, to be run by the example scripts on this cluster. */
async function slurmBench(behaviours: Record<string, string> = {}) {
  const bench = await smallBench(behaviours, { axes: smallAxes('0..1') })
  const { folder, optimizer } = bench
  const environment = {
    PATH: `${join(root, 'bin')}:${process.env.PATH}`,
    USER: 'test',
    WINDROW_STORE: pathToFileURL(join(folder, '.windrow/store')).href,
    WINDROW_LOCAL: join(folder, 'local'),
    WINDROW_LISTEN: '127.0.0.1',
    WINDROW_OPTIMIZERS: optimizer.file,
    WINDROW_BEAT: '500ms',
  }
  const cluster = slurm!
  return {
    bench,
    cluster,
    submit: (...args: string[]) => cluster.sbatch(args, { folder, environment }),
    log: (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''),
  }
}

async function untilCompleted(cluster: SlurmCluster, job: string, log: () => string): Promise<void> {
  await until(async () => {
    const { state, exitCode } = await cluster.job(job)
    assert.ok(!/FAILED|CANCELLED|TIMEOUT|NODE_FAIL/.test(state), `job ${job} ${state} ${exitCode}:\n${log()}`)
    return state === 'COMPLETED'
  })
}

async function assertComplete({ output, command, optimizer, record, stored }: Bench): Promise<void> {
  const verified = await command(['verify', output, '--store'])
  assert.equal(verified.status, 0, verified.stdout + verified.stderr)
  assert.deepEqual([...new Set(optimizer.runs())].length, 4)
  const outcomes = stored('attempts').map((name) => record('attempts', name))
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'valid').length, 4, 'each was brought home once')
  assert.deepEqual([...new Set(outcomes.map(({ number }) => number))], [1], 'no attempt was spent in vain')
}

describe('the examples for SLURM', { skip, timeout: 180_000, concurrency: true }, () => {
  it('run a sweep by a leader and workers in one job', async () => {
    const { bench, cluster, submit, log } = await slurmBench()
    const job = await submit('--nodes=2', '--cpus-per-task=1', example('leader-and-workers.sbatch'), 'sweep.yaml')
    await untilCompleted(cluster, job, () => log(`windrow-${job}.log`))
    await assertComplete(bench)
    const hosts = new Set(bench.stored('attempts').map((name) => bench.record('attempts', name).host))
    for (const host of hosts) assert.match(String(host), /^node[1-4]$/)
  })

  it('let an array join, one task leave and come back, and the leader move to another node', async () => {
    const { bench, cluster, submit, log } = await slurmBench({ '*': 'when-told' })
    const leader = await submit('--nodes=1', '--cpus-per-task=1', example('leader-and-workers.sbatch'), 'sweep.yaml')
    const array = await submit('--array=0-1', '--cpus-per-task=1', example('array.sbatch'), 'small')
    await until(() => bench.optimizer.runs().length === 3)

    await cluster.command('scancel', '--batch', '--signal=TERM', `${array}_1`)
    const told = () => log(`windrow-${array}-1.log`)
    await until(() => /Exited with exit code 4/.test(told()))
    const { node } = await cluster.job(leader)
    await cluster.command('scontrol', 'update', `NodeName=${node}`, 'State=DRAIN', 'Reason=test')
    await cluster.command('scancel', '--signal=TERM', leader)
    const ledBy = () =>
      [...log(`windrow-${leader}.log`).matchAll(/This is the leader of small on (\S+)/g)].map((led) => led[1])
    await until(() => ledBy().length === 2)
    bench.optimizer.tell()
    await untilCompleted(cluster, leader, () => log(`windrow-${leader}.log`))
    assert.equal(new Set(ledBy()).size, 2)
    for (const task of [0, 1])
      await untilCompleted(cluster, `${array}_${task}`, () => log(`windrow-${array}-${task}.log`))
    await assertComplete(bench)
  })
})
