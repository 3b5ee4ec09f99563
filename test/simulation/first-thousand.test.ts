import { test } from 'node:test'
import { holdSeeds, seedsFrom } from './hold-seeds.ts'

/**
 * Seeds that have found something once. 36: a dead letter was written over a commit whose settlement Redis had lost. 57: an
 * attempt was on no record, because whoever took over from it was lost in turn. 123: a merger closed the epoch of a damaged
 * commit, and was lost before the ledger heard of it: the configuration never ran again. 1000864: Redis
 * came back without its last second, and a merge of then passed for one of what was settled after. 72027: the same of a
 * commit over a dead letter, when all was settled and nobody compared. 125572: Redis was emptied while a slow merger read, which
 * then recorded older inputs over the generation of another. What a seed draws changes with the simulation: each has
 * a test of its own beside the code, too.
 */
const kept = [36, 57, 123, 72_027, 125_572, 1_000_864, 1_001_636]

test('no fault loses, doubles or corrupts a configuration, over 1,000 seeds and those that have found something', {
  timeout: 600_000,
}, async () => {
  await holdSeeds([...kept, ...seedsFrom(1_000_000)])
})
