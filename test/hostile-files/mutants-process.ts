import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCampaign } from './campaign.ts'
import { plantCanary } from './canary.ts'
import { h5pySeeds, ownSeeds } from './seeds.ts'

/** The process of a part of a campaign: `mutants-process.ts FROM COUNT STEP`; sends what it found to who forked it. */
const [from, count, step] = process.argv.slice(2).map(Number) as [number, number, number]
const folder = await mkdtemp(join(tmpdir(), 'windrow-mutants-'))
const canary = plantCanary(folder)
try {
  const seeds = [...(await ownSeeds()), ...(await h5pySeeds(folder, canary.path))]
  const tally = await runCampaign({ seeds, indices: numbers() })
  const found = { report: tally.report(), opened: canary.opened }
  await new Promise((resolve) => process.send!(found, resolve))
} finally {
  canary.release()
  await rm(folder, { recursive: true, force: true })
}
process.disconnect?.()
process.exit()

function* numbers(): Generator<number> {
  for (let index = from; index < count; index += step) yield index
}
