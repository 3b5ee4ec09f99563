import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { pythonSkipReason, runPython } from '../fixtures/python.ts'
import { fate, sweepInStore } from '../fixtures/sweep-in-store.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import type { Facts, Verdicts } from './facts.ts'
import { judge } from './judge.ts'

const skip = await pythonSkipReason('h5py')
const sweep = 'sweeps/small'

/** A sweep that was left in good order, and what a harness would have seen of it. */
let sound: { readonly folder: string; readonly facts: Facts }

async function prepare(): Promise<typeof sound> {
  const { folder: made, mergedPath } = await sweepInStore()
  const folder = await temporaryFolder()
  cpSync(join(made, '.windrow/store'), join(folder, 'store'), { recursive: true })
  const [results, pool, quiet] = [
    join(folder, `store/${sweep}/results`),
    join(folder, 'pool'),
    join(folder, 'quiet.h5'),
  ]
  copyFileSync(mergedPath, quiet)
  mkdirSync(pool)
  for (const name of readdirSync(results)) copyFileSync(join(results, name), join(pool, name.replace('.0.h5', '.h5')))
  for (const key of [fate.dead, fate.quarantined]) record(folder, key, 'a2')
  const commits = readdirSync(results).map((name) => [`results/${name}`, seen(join(results, name))] as const)
  const facts: Facts = {
    ...{ sweep: 'small', farms: 2, seeds: 4, store: join(folder, 'store'), pool, quiet },
    destinies: { [fate.dead]: 'dead', [fate.quarantined]: 'quarantined', [fate.retrying]: 'missing' },
    commits: Object.fromEntries(commits),
    listing: Object.fromEntries(commits.map(([name, facts]) => [`${sweep}/${name}`, { ...facts, size: 0 }])),
    ...{ replaced: {}, damaged: {}, runs: { [fate.dead]: 1 }, ended: [], redisLosses: [] },
    attempts: [{ key: fate.dead, attempt: 'a2', worker: 'node9/1', firstSeenAt: 0, lastSeenAt: 1 }],
    commands: [{ args: ['submit', 'sweep.yaml', '--wait'], status: 2, output: quiet, tolerance: 0 }],
    expectedStatuses: [2],
    settled: { afterMs: 10, limitMs: 20 },
  }
  return { folder, facts }
}

const seen = (path: string) => ({ etag: `"${statSync(path).ino}"`, modifiedAt: 1, seenAt: 1 })

function record(folder: string, key: string, attempt: string): void {
  const path = join(folder, `store/${sweep}/attempts/${key}`)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, `0-${attempt}.json`), JSON.stringify({ key, attempt, epoch: 0, outcome: 'corrupt' }))
}

/** The same once more, to be spoilt. */
async function copyOfSound(): Promise<typeof sound> {
  const folder = await temporaryFolder()
  cpSync(sound.folder, folder, { recursive: true })
  return { folder, facts: JSON.parse(JSON.stringify(sound.facts).replaceAll(sound.folder, folder)) }
}

const judged = async (facts: Facts) => await judge(facts, join(await temporaryFolder(), 'facts.json'))

const violated = ({ violations }: Verdicts) => Object.keys(violations).filter((name) => violations[name]!.length > 0)

interface Fault {
  readonly what: string
  readonly invariant: string
  readonly change: (facts: Facts, folder: string) => Promise<Facts> | Facts
}

const key = fate.committed[0]
const other = fate.committed[1]
const commitOf = (name: string) => `results/${name}.0.h5`

const faults: readonly Fault[] = [
  {
    what: 'a configuration that should have been merged and is dead',
    invariant: 'I1',
    change: (facts) => ({ ...facts, destinies: { ...facts.destinies, [fate.dead]: 'merged' } }),
  },
  {
    what: 'a dead letter that the file knows and the store does not',
    invariant: 'I1',
    change: (facts, folder) => {
      rmSync(join(folder, `store/${sweep}/dead/${fate.dead}.0.json`))
      return facts
    },
  },
  {
    what: 'a merged result that is not what the optimizer gives',
    invariant: 'I2',
    change: async (facts) => {
      const layout = "f = h5py.File(sys.argv[1], 'r+'); d = f[sys.argv[2]]['layout']; d[0, 0] += 1"
      await runPython(`import h5py, sys\n${layout}`, { args: [join(facts.pool, `${key}.h5`), key] })
      return facts
    },
  },
  {
    what: 'bytes that are merged and in quarantine',
    invariant: 'I2',
    change: (facts, folder) => {
      const quarantine = join(folder, `store/${sweep}/quarantine/${key}`)
      mkdirSync(quarantine)
      copyFileSync(join(folder, `store/${sweep}/${commitOf(key)}`), join(quarantine, '0-x.h5'))
      return facts
    },
  },
  {
    what: 'a commit that was written again',
    invariant: 'I3',
    change: (facts) => {
      const name = `${sweep}/${commitOf(key)}`
      return { ...facts, listing: { ...facts.listing, [name]: { ...facts.listing[name]!, etag: '"another"' } } }
    },
  },
  {
    what: 'a commit that was other bytes in between',
    invariant: 'I3',
    change: (facts) => ({ ...facts, replaced: { [commitOf(other)]: '"another"' } }),
  },
  {
    what: 'a commit of an epoch that nobody opened',
    invariant: 'I3',
    change: (facts, folder) => {
      const results = join(folder, `store/${sweep}/results`)
      copyFileSync(join(results, `${key}.0.h5`), join(results, `${key}.1.h5`))
      return facts
    },
  },
  {
    what: 'a group that differs from the quiet run by an attribute',
    invariant: 'I4',
    change: async (facts) => {
      const code = "import h5py, sys\nf = h5py.File(sys.argv[1], 'r+'); f[sys.argv[2]].attrs['aep'] = 1.0"
      await runPython(code, { args: [facts.quiet, key] })
      return facts
    },
  },
  {
    what: 'a sweep that took too long to settle',
    invariant: 'I5',
    change: (facts) => ({ ...facts, settled: { afterMs: 21, limitMs: 20 } }),
  },
  {
    what: 'a sweep that did not settle',
    invariant: 'I5',
    change: (facts) => ({ ...facts, settled: { afterMs: null, limitMs: 20 } }),
  },
  {
    what: 'a command that ended well with configurations short',
    invariant: 'I6',
    change: (facts) => ({ ...facts, commands: [{ ...facts.commands[0]!, status: 0 }], expectedStatuses: [] }),
  },
  {
    what: 'an attempt that ran and is not on record',
    invariant: 'I7',
    change: (facts) => ({ ...facts, attempts: [{ ...facts.attempts[0]!, attempt: 'a9' }] }),
  },
  {
    what: 'a run that no attempt is on record for',
    invariant: 'I7',
    change: (facts) => ({ ...facts, runs: { [fate.quarantined]: 7 } }),
  },
  {
    what: 'an action that is not on record',
    invariant: 'I7',
    change: (facts) => ({ ...facts, commands: [...facts.commands, { args: ['pause', 'small'], status: 0 }] }),
  },
]

describe('the check of the invariants', { skip, timeout: 120_000, concurrency: 2 }, () => {
  before(async () => {
    sound = await prepare()
  })

  it('holds a sound sweep for sound', async () => {
    const verdicts = await judged(sound.facts)
    assert.deepEqual(violated(verdicts), [], JSON.stringify(verdicts.violations))
    assert.deepEqual(verdicts.counts.merged, 5)
    for (const [name, count] of Object.entries(verdicts.checked))
      assert.ok(count > 0, `${name} was held against nothing`)
  })

  it('holds the dead letter of who found all attempts spent for its record', async () => {
    const { folder, facts } = await copyOfSound()
    const path = join(folder, `store/${sweep}/dead/${fate.dead}.0.json`)
    const found = { key: fate.dead, attempt: 'a9', worker: 'node9/2', firstSeenAt: 0, lastSeenAt: 1 }
    const judgeWith = async (code: string) => {
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), attempt: 'a9', code }))
      return violated(await judged({ ...facts, attempts: [...facts.attempts, found] }))
    }
    assert.deepEqual(await judgeWith('WORKER_LOST'), [])
    assert.deepEqual(await judgeWith('OPTIMIZER_FAILED'), ['I7'])
  })

  for (const { what, invariant, change } of faults) {
    it(`notices ${what}`, async () => {
      const { folder, facts } = await copyOfSound()
      assert.deepEqual(violated(await judged(await change(facts, folder))), [invariant])
    })
  }
})
