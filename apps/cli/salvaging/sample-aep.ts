import { problemOf } from '@windrow/common/optimizing/problem.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { WreckReader } from '@windrow/common/wrecks/wreck-reader.ts'
import { type AepSample, sampleOf } from './reported-aep.ts'
import type { SalvageThreads } from './salvage-threads.ts'
import { contentOf, type FileFacts, type GoodRow } from './wreck-facts.ts'

/** Evaluates the AEP of a few good rows again: tells whether the model of the specification reproduces the wreck. */
export async function sampleAep(
  good: Iterable<GoodRow>,
  ports: {
    readonly files: readonly FileFacts[]
    readonly plan: SweepPlan
    readonly reader: WreckReader
    readonly threads: SalvageThreads
  },
): Promise<AepSample[]> {
  const byFile = Map.groupBy(sampleOf(good), ({ file }) => file)
  const sampling = [...byFile].map(([file, rows]) => sampleFile(ports.files[file]!.path, rows, ports))
  return (await Promise.all(sampling)).flat()
}

async function sampleFile(
  path: string,
  rows: readonly GoodRow[],
  { plan, reader, threads }: { plan: SweepPlan; reader: WreckReader; threads: SalvageThreads },
): Promise<AepSample[]> {
  const samples: AepSample[] = []
  await reader.read(path, async (some) => {
    for (const { place, layout, aep } of some) {
      const row = rows.find((candidate) => candidate.place === place)
      // A file that was changed meanwhile is no sample of anything.
      if (row === undefined || aep === undefined || contentOf({ layout, aep }) !== row.content) continue
      const problem = problemOf(plan.at(row.index), plan.specification)
      const { evaluatedGWh } = await threads.prepare({ problem, layout, evaluate: true })
      samples.push({ key: row.key, reportedGWh: aep, evaluatedGWh: evaluatedGWh! })
    }
  })
  return samples
}
