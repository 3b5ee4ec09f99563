import assert from 'node:assert/strict'
import { memoryDirectory, temporaryFolder } from '../fixtures/temporary-folder.ts'
import { runSeed } from './run-seed.ts'
import { prepareStudy } from './study.ts'

/** Runs these seeds, none of which may violate an invariant; all together they must not have been too tame to show anything. */
export async function holdSeeds(seeds: readonly number[]): Promise<void> {
  const scratch = await temporaryFolder(memoryDirectory())
  const study = await prepareStudy(scratch)
  let faults = 0
  let merged = 0
  for (const seed of seeds) {
    const report = await runSeed(seed, study, { scratch })
    faults += report.faults.length
    merged += report.merged
    assert.deepEqual(report.violations, [], `replay it:  npm run simulate -- --seeds 1 --from ${seed} --show`)
  }
  const wanted = seeds.length
  assert.ok(faults > 5 * wanted && merged > 3 * wanted, `${faults} faults, ${merged} merged: too tame to show anything`)
}

/** Of the 2,000 that `npm test` runs; in two files, for each takes a core for minutes. */
export const seedsFrom = (first: number) => Array.from({ length: 1_000 }, (_, i) => first + i)
