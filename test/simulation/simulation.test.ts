import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { runSeed } from './run-seed.ts'
import { prepareStudy } from './study.ts'

const seeds = 2_000

/**
 * Seeds that have found something once. 36: a dead letter was written over a commit whose settlement Redis had lost. 57: an
 * attempt was on no record, because whoever took over from it was lost in turn. 123: a merger closed the epoch of a damaged
 * commit, and was lost before the ledger heard of it: the configuration never ran again. 1000864: Redis
 * came back without its last second, and a merge of then passed for one of what was settled after. What a seed draws changes with
 * the simulation: each has a test of its own beside the code, too.
 */
const kept = [36, 57, 123, 1_000_864, 1_001_636]

test(`no fault loses, doubles or corrupts a configuration, over ${seeds} seeds`, { timeout: 600_000 }, async () => {
  const scratch = await temporaryFolder()
  const study = await prepareStudy(scratch)
  const all = [...kept, ...Array.from({ length: seeds }, (_, i) => 1_000_000 + i)]
  let faults = 0
  let merged = 0
  for (const seed of all) {
    const report = await runSeed(seed, study, { scratch })
    faults += report.faults.length
    merged += report.merged
    assert.deepEqual(report.violations, [], `replay it:  npm run simulate -- --seeds 1 --from ${seed} --show`)
  }
  assert.ok(faults > 5 * seeds && merged > 3 * seeds, `${faults} faults, ${merged} merged: too tame to show anything`)
})

test('the same seed gives the same run', async () => {
  const scratch = await temporaryFolder()
  const study = await prepareStudy(scratch)
  const record = async () => {
    const lines: string[] = []
    await runSeed(7, study, { scratch, onCall: (line) => lines.push(line) })
    return lines
  }
  const first = await record()
  assert.ok(first.length > 100)
  assert.deepEqual(await record(), first)
})
