import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { findPython } from '../test/fixtures/test-tools.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { runMeasured } from './running/child-memory.ts'
import { medianTable, verdictOn } from './running/table.ts'

const sizes = [3_000, 30_000] as const
const turbines = 100

/** Files a second of `windrow merge --files`, beside two h5py scripts, and how memory grows with the number of files. */
export const mergeFilesBench: Bench = {
  title: `Merging ${sizes.map((size) => size.toLocaleString('en')).join(' and ')} result files of ${turbines} turbines, beside two h5py scripts`,
  measure,
  render,
}

interface Contender {
  readonly name: string
  readonly program: string
  args(folder: string, output: string): readonly string[]
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

async function measure({ folder, run }: BenchPlace): Promise<Figures> {
  const contenders = await contendersHere()
  const figures: Record<string, number> = {}
  for (const size of sizes) {
    const results = join(folder, `results-${size}`)
    await writeResults(results, size)
    // Whoever goes first reads from the disk.
    for (const { name, program, args } of turned(contenders, run)) {
      const output = join(folder, `${name}.h5`)
      const { seconds, peakMiB } = await runMeasured(program, args(results, output))
      figures[`${name} files/s at ${size}`] = size / seconds
      figures[`${name} MiB at ${size}`] = peakMiB
      await rm(output)
    }
    await rm(results, { recursive: true })
    for (const { name } of contenders) {
      figures[`ratio to ${name} at ${size}`] =
        figures[`windrow files/s at ${size}`]! / figures[`${name} files/s at ${size}`]!
    }
  }
  const [few, many] = sizes
  for (const { name } of contenders) {
    figures[`${name} growth`] = figures[`${name} MiB at ${many}`]! / figures[`${name} MiB at ${few}`]!
  }
  return figures
}

async function contendersHere(): Promise<Contender[]> {
  const search = { path: process.env.PATH ?? '', condaPrefix: process.env.CONDA_PREFIX }
  const python = await findPython(search, ['h5py', 'numpy'])
  if (python === undefined) throw new Error('no Python here has h5py; npm run setup -- --tests tells how to get it')
  const script = (path: string) => (folder: string, output: string) => [here(path), folder, output]
  return [
    { name: 'copy', program: python, args: script('h5py/copy_merge.py') },
    { name: 'check', program: python, args: script('h5py/checked_merge.py') },
    {
      name: 'windrow',
      program: here('../bin/windrow'),
      args: (folder, output) => ['merge', '--files', folder, '-o', output],
    },
  ]
}

function turned<Item>(items: readonly Item[], by: number): Item[] {
  const from = by % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}

async function writeResults(folder: string, count: number): Promise<void> {
  await mkdir(folder)
  for (let index = 0; index < count; index++) {
    const [farm, type, seed] = [index % 10, Math.floor(index / 10) % 6, Math.floor(index / 60)]
    const key = `farm${farm}_t${type}_s${seed}`
    const coordinates = Float64Array.from({ length: 2 * turbines }, (_, at) => 10_000 * Math.sin(index + at))
    const aepGWh = 3000 + index / 7
    const bytes = await encodeResult({
      key,
      attributes: {
        ...{ status: 'success', aep: aepGWh, n_turbines: BigInt(turbines), diameter: 240.5 },
        ...{ farm_idx: BigInt(farm), type_idx: BigInt(type), ss_seed: BigInt(seed) },
      },
      datasets: {
        layout: { elementType: '<f8', shape: [2, turbines], data: coordinates },
        aep: { elementType: '<f8', shape: [], data: Float64Array.of(aepGWh) },
      },
      configurationDigest: 'c0ffee'.repeat(10),
    })
    await writeFile(join(folder, `${key}.0.h5`), bytes)
  }
}

const described = {
  copy: 'h5py, plain copy loop, nothing checked',
  check: 'h5py, read, check and copy',
  windrow: 'windrow merge --files, checked, certified, read back',
} as const

function render(medians: Medians): string {
  const [few, many] = sizes
  const names = Object.keys(described) as (keyof typeof described)[]
  const speed = medianTable(
    [
      'files/s',
      ...sizes.map((size) => size.toLocaleString('en')),
      ...sizes.map((size) => `windrow to it, ${size.toLocaleString('en')}`),
    ],
    names.map((name) => ({
      what: described[name],
      cells: [
        ...sizes.map((size) => `${name} files/s at ${size}`),
        ...sizes.map((size) => `ratio to ${name} at ${size}`),
      ],
    })),
    medians,
  )
  const memory = medianTable(
    ['peak memory, MiB', few.toLocaleString('en'), many.toLocaleString('en'), 'growth'],
    names.map((name) => ({
      what: described[name],
      cells: [...sizes.map((size) => `${name} MiB at ${size}`), `${name} growth`],
    })),
    medians,
  )
  const goals = sizes.map(
    (size) =>
      `${size.toLocaleString('en')} files, to the script that checks: ${verdictOn(`ratio to check at ${size}`, { atLeast: 1 }, medians)}`,
  )
  return `${speed}\n${memory}\n${goals.join('\n')}\nmemory flat: ${verdictOn('windrow growth', { atMost: 1.15 }, medians)}\n`
}
