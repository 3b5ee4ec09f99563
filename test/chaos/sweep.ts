import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { planOfSpecification } from '@windrow/common/sweep/expand.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { smallAxes, smallSpecification } from '../fixtures/small-sweep.ts'
import type { Chance } from '../simulation/chance.ts'

/** The sweep of a chaos run, and what is to become of those of its configurations that are to come to nothing. */
export interface ChaosSweep {
  readonly name: 'small'
  readonly keys: readonly string[]
  readonly seeds: number
  readonly destinies: Readonly<Record<string, 'quarantined' | 'dead' | 'missing'>>
  /** What an operator cancels: the last seed of both areas. */
  readonly cancelled: string
  /** The rest. */
  readonly wanted: string
}

/** A worker is missed after this long. */
export const lockMs = 2_000
/** The longest pause before another attempt. */
export const backoffMs = 400

/** What every output of a configuration is that is to end in quarantine: fault and seed, as in a ticket. Cheap, for there are many. */
const hopeless = ['empty 0', 'half 0'] as const

/** Two areas, as many seeds as it takes. One in a hundred comes to nothing, half of them by corrupt outputs. */
export function chaosSweep(configurations: number, chance: Chance): ChaosSweep {
  const seeds = Math.max(10, Math.round(configurations / 2))
  const keys = [0, 1].flatMap((farm) => Array.from({ length: seeds }, (_, seed) => `farm${farm}_s${seed}`))
  const destinies: Record<string, 'quarantined' | 'dead' | 'missing'> = {}
  for (const farm of [0, 1]) destinies[`farm${farm}_s${seeds - 1}`] = 'missing'
  for (let n = 0; n < Math.max(2, configurations / 100); n++) {
    // Early, so that they are not what everybody waits for at the end.
    destinies[`farm0_s${chance.below(Math.max(4, seeds >> 2))}`] = n % 2 === 0 ? 'quarantined' : 'dead'
  }
  return { name: 'small', keys, seeds, destinies, cancelled: `seed=${seeds - 1}`, wanted: `seed=0..${seeds - 2}` }
}

/** Writes the specification of the sweep and returns its path. What the policy says changes no result. */
export function writeChaosSpecification(folder: string, sweep: ChaosSweep, policy: Record<string, unknown>): string {
  const specification = smallSpecification({
    axes: smallAxes(`0..${sweep.seeds - 1}`),
    optimizer: { name: 'chaotic', grid_size: 8, random_pct: 30, spacing_diameters: 3 },
    policy: { backoff: `100ms..${backoffMs}ms`, lock: `${lockMs}ms`, timeout: '6s', memory: '600MB', ...policy },
  })
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'sweep.yaml')
  writeFileSync(path, JSON.stringify(specification, null, 2))
  return path
}

/** What every configuration must come to, a file each: what SmartStart makes of it. */
export async function computePool(folder: string, sweep: ChaosSweep, specificationPath: string): Promise<void> {
  const plan = planOfSpecification(await readSpecification(specificationPath, { optimizers: ['chaotic'] }))
  mkdirSync(folder, { recursive: true })
  for (let index = 0; index < plan.total; index++) {
    const problem = problemOf(plan.at(index), plan.specification)
    const outcome = optimize({ ...problem, optimizer: { ...problem.optimizer, name: 'smart-start' } })
    const bytes = await encodeResult(resultOf(problem, plan.digestAt(index), outcome))
    writeFileSync(join(folder, `${plan.keyAt(index)}.h5`), bytes)
    // Radosgw, Redis and whoever was interrupted want to be heard meanwhile.
    if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  if (plan.total !== sweep.keys.length) throw new Error(`the plan has ${plan.total} configurations`)
}

/** A folder for the optimizer that hands the pool out; returns the file for `--optimizers`. */
export function placeOptimizer(folder: string, pool: string, parts: { sweep: ChaosSweep; python: string }): string {
  for (const name of ['tickets', 'taken', 'fates']) mkdirSync(join(folder, name), { recursive: true })
  symlinkSync(pool, join(folder, 'pool'))
  let n = 0
  for (const [key, destiny] of Object.entries(parts.sweep.destinies)) {
    if (destiny === 'missing') continue
    const fate = destiny === 'dead' ? 'failing 0' : hopeless[n++ % hopeless.length]!
    writeFileSync(join(folder, 'fates', key), `${fate}\n`)
  }
  const script = fileURLToPath(new URL('./optimizer/copy-result.sh', import.meta.url))
  return writeOptimizers(folder, ['/bin/sh', script, folder, parts.python])
}

/** A host without what the optimizer needs; leaves a line in `bad-host.log` at every run. */
export function placeFailingOptimizer(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const script = `grep -o '"key":"[^"]*"' "$WINDROW_PROBLEM" | head -1 >>"$0/runs.log"; echo 'libgfortran.so.5: cannot open' >&2; exit 127`
  return writeOptimizers(folder, ['/bin/sh', '-c', script, folder])
}

function writeOptimizers(folder: string, command: readonly string[]): string {
  const file = join(folder, 'optimizers.yaml')
  writeFileSync(file, JSON.stringify({ chaotic: { command } }))
  return file
}
