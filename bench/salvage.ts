import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPython } from '../test/fixtures/test-tools.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { runMeasured } from './running/child-memory.ts'
import { medianTable, verdictOn } from './running/table.ts'

const sizes = [3_000, 30_000] as const
const areas = 10

/** Worker files a second that `windrow salvage` looks through and takes in, beside an h5py script that only reads them. */
export const salvageBench: Bench = {
  title: `Salvaging ${sizes.map((size) => size.toLocaleString('en')).join(' and ')} worker files of h5py, 100 turbines each`,
  measure,
  render,
}

const ways = ['read', 'dry', 'import', 'evaluate'] as const

const described: Readonly<Record<(typeof ways)[number], string>> = {
  read: 'h5py, reads and checks for NaN',
  dry: 'windrow salvage --dry-run, every check',
  import: 'windrow salvage, commits to file://',
  evaluate: 'the same, every AEP evaluated again',
}

async function measure({ folder }: BenchPlace): Promise<Figures> {
  const python = await pythonHere()
  const figures: Record<string, number> = {}
  for (const size of sizes) {
    const wreck = join(folder, `layouts-${size}.h5_temp`)
    await runMeasured(python, [here('h5py/write_worker_files.py'), wreck, String(size)])
    const specification = join(folder, `old-${size}.yaml`)
    await writeFile(specification, JSON.stringify(sweepOf(size)))
    const windrow = here('../bin/windrow')
    const salvage = (...more: string[]) => ['salvage', wreck, '--spec', specification, ...more]
    const store = (name: string) => ['--store', `file://${join(folder, name)}`]
    const commands: Readonly<Record<(typeof ways)[number], readonly [string, readonly string[]]>> = {
      read: [python, [here('h5py/read_worker_files.py'), wreck]],
      dry: [windrow, salvage(...store('dry'), '--dry-run')],
      import: [windrow, salvage(...store('import'))],
      evaluate: [windrow, salvage(...store('evaluate'), '--aep', 'reevaluate')],
    }
    for (const way of waysAt(size)) {
      const { seconds, peakMiB } = await runMeasured(...commands[way])
      figures[`${way} files/s at ${size}`] = size / seconds
      figures[`${way} MiB at ${size}`] = peakMiB
      figures[`ratio of ${way} at ${size}`] =
        figures[`${way} files/s at ${size}`]! / figures[`read files/s at ${size}`]!
    }
    for (const name of waysAt(size).slice(2)) {
      await checkCommits(join(folder, name), size)
      await rm(join(folder, name), { recursive: true })
    }
    await rm(wreck, { recursive: true })
  }
  const [few, many] = sizes
  for (const way of waysAt(many))
    figures[`${way} growth`] = figures[`${way} MiB at ${many}`]! / figures[`${way} MiB at ${few}`]!
  return figures
}

/** Evaluating again takes as long at any size: it is measured at the first. */
const waysAt = (size: number) => (size === sizes[0] ? ways : ways.slice(0, 3))

async function checkCommits(store: string, size: number): Promise<void> {
  const commits = await readdir(join(store, 'sweeps', 'old', 'results'))
  if (commits.length !== size) throw new Error(`${commits.length} of ${size} are in ${store}`)
}

async function pythonHere(): Promise<string> {
  const search = { path: process.env.PATH ?? '', condaPrefix: process.env.CONDA_PREFIX }
  const python = await findPython(search, ['h5py', 'numpy'])
  if (python === undefined) throw new Error('no Python here has h5py; npm run setup -- --tests tells how to get it')
  return python
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The sweep that the worker files are of. */
function sweepOf(size: number): Record<string, unknown> {
  const square = (farm_idx: number) => {
    const [west, east] = [20_000 * farm_idx, 20_000 * farm_idx + 11_000]
    return { farm_idx, x: [west, east, east, west], y: [0, 0, 11_000, 11_000] }
  }
  return {
    name: 'old',
    key: 'farm{farm_idx}_t{type_idx}_s{ss_seed}',
    axes: {
      farm: Array.from({ length: areas }, (_, farm) => square(farm)),
      type: [{ type_idx: 0, rated_MW: 10, D: 195, hub: 121, n_turbines: 100 }],
      ss_seed: `0..${size / areas - 1}`,
    },
    model: {
      site: {
        reference_height_m: 100,
        sector_center_deg: [0, 90, 180, 270],
        sector_frequency: [0.2, 0.2, 0.2, 0.4],
        weibull_A_m_per_s: [9, 9, 10, 11],
        weibull_k: [2, 2, 2.2, 2.3],
      },
      directions: 360,
      speeds: '3..25',
    },
    optimizer: { grid_size: 10, spacing_diameters: 3 },
    salvage: { aep: 'as-reported' },
  }
}

function render(medians: Medians): string {
  const [few, many] = sizes
  const speed = medianTable(
    [
      'files/s',
      ...sizes.map((size) => size.toLocaleString('en')),
      ...sizes.map((size) => `to h5py, ${size.toLocaleString('en')}`),
    ],
    ways.map((way) => ({
      what: described[way],
      cells: [
        ...sizes.map((size) => `${way} files/s at ${size}`),
        ...sizes.map((size) => `ratio of ${way} at ${size}`),
      ],
    })),
    medians,
  )
  const memory = medianTable(
    ['peak memory, MiB', few.toLocaleString('en'), many.toLocaleString('en'), 'growth'],
    ways.map((way) => ({
      what: described[way],
      cells: [...sizes.map((size) => `${way} MiB at ${size}`), `${way} growth`],
    })),
    medians,
  )
  const goals = sizes.map(
    (size) =>
      `${size.toLocaleString('en')} files, --dry-run, files/s: ${verdictOn(`dry files/s at ${size}`, { atLeast: 1000 }, medians)}`,
  )
  return `${speed}\n${memory}\n${goals.join('\n')}\n`
}
