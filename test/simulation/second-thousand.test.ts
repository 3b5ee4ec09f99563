import { test } from 'node:test'
import { holdSeeds, seedsFrom } from './hold-seeds.ts'

test('no fault loses, doubles or corrupts a configuration, over 1,000 other seeds', { timeout: 600_000 }, async () => {
  await holdSeeds(seedsFrom(1_001_000))
})
