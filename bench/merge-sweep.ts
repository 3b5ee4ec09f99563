import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { names } from '@windrow/common/store/names.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { mergerEnvironment, mergerFlags } from '../apps/cli/running/service-process.ts'
import { submittedStudy } from './fixtures/submitted-study.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { runMeasured } from './running/child-memory.ts'
import { medianTable, verdictOn } from './running/table.ts'

const sizes = [10_000, 100_000] as const
const turbines = 100
const [areas, types] = [10, 2] as const

/** How fast the merger makes a generation of many commits, and how its memory grows with their number. */
export const mergeSweepBench: Bench = {
  title: `Merging sweeps of ${sizes.map((size) => size.toLocaleString('en')).join(' and ')} committed results of ${turbines} turbines from a file:// store`,
  measure,
  render,
}

async function measure({ folder }: BenchPlace): Promise<Figures> {
  const figures: Record<string, number> = {}
  for (const size of sizes) {
    const place = join(folder, String(size))
    await mkdir(place)
    const { submitted } = await submittedStudy(place, ['type.pick=[0, 1]', `ss_seed=0..${size / (areas * types) - 1}`])
    const store = join(place, 'store')
    await commitAll(store, submitted, size)
    const merge = fileURLToPath(new URL('fixtures/merge-once.ts', import.meta.url))
    const { seconds, peakMiB } = await runMeasured(
      process.execPath,
      [...mergerFlags, merge, pathToFileURL(store).href, submitted.plan.sweep, join(place, 'scratch')],
      mergerEnvironment,
    )
    figures[`commits/s at ${size}`] = size / seconds
    figures[`MiB at ${size}`] = peakMiB
    await rm(place, { recursive: true })
  }
  const [few, many] = sizes
  return { ...figures, growth: figures[`MiB at ${many}`]! / figures[`MiB at ${few}`]! }
}

/** Puts a result of every configuration where a worker would have committed it, without waiting for the disk. */
async function commitAll(store: string, { plan }: SubmittedSweep, size: number): Promise<void> {
  if (plan.total !== size) throw new Error(`the plan has ${plan.total} configurations`)
  for (let index = 0; index < size; index++) {
    const { key } = plan.at(index)
    const data = Float64Array.from({ length: 2 * turbines }, (_, at) => 10_000 * Math.sin(index + at))
    const aepGWh = 3000 + index / 7
    const bytes = await encodeResult({
      key,
      attributes: { status: 'success', aep: aepGWh, n_turbines: BigInt(turbines), diameter: 240.5 },
      datasets: {
        layout: { elementType: '<f8', shape: [2, turbines], data },
        aep: { elementType: '<f8', shape: [], data: Float64Array.of(aepGWh) },
      },
      configurationDigest: plan.digestAt(index),
    })
    const path = join(store, names.result(plan.sweep, key, 0))
    if (index === 0) await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  }
}

function render(medians: Medians): string {
  const table = medianTable(
    ['commits', ...sizes.map((size) => size.toLocaleString('en')), 'growth'],
    [
      { what: 'commits/s', cells: [...sizes.map((size) => `commits/s at ${size}`), ''] },
      { what: 'peak memory of the merger, MiB', cells: [...sizes.map((size) => `MiB at ${size}`), 'growth'] },
    ],
    medians,
  )
  return `${table}\nmemory flat: ${verdictOn('growth', { atMost: 1.25 }, medians)}\n`
}
