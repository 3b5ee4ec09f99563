import { access, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { evaluateLayout } from '@windrow/common/optimizing/evaluate.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { contentSha256 } from '@windrow/common/results/content-digest.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { didYouMean } from '@windrow/common/sweep/did-you-mean.ts'
import { planOfSpecification, type SweepPlan } from '@windrow/common/sweep/expand.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { formatDuration } from '../output/durations.ts'
import { formatFacts } from '../output/table.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface OptimizeOptions extends ContextFlags {
  /** A specification file, or the name of a sweep in the store. */
  readonly specification: string
  readonly key: string
  readonly output?: string
  readonly set: readonly string[]
  readonly json?: boolean
}

/** `windrow optimize SPEC KEY`: runs one configuration here and now, as a worker would, without any service. */
export async function optimizeCommand(options: OptimizeOptions, surroundings: Surroundings): Promise<number> {
  const { clock, terminal } = surroundings
  const plan = await planFor(options, surroundings)
  const index = indexOf(plan, options.key)
  const problem = problemOf(plan.at(index), plan.specification)
  const startedMs = clock.now()
  const outcome = optimize(problem)
  const durationMs = clock.now() - startedMs
  const evaluation = evaluateLayout(problem, outcome.layout)
  const contents = resultOf(problem, plan.digestAt(index), outcome)
  const facts = {
    sweep: plan.sweep,
    key: problem.key,
    area: problem.areaName,
    turbineType: problem.typeName,
    seed: problem.seed,
    aepGWh: outcome.aepGWh,
    nTurbines: outcome.layout.xM.length,
    minSpacingM: problem.minSpacingM,
    nearestPairM: nearestPairM(outcome.layout),
    infeasibilities: evaluation.infeasibilities,
    contentSha256: contentSha256(contents),
    durationMs,
  }
  const path = options.output && resolve(surroundings.workingDirectory, options.output)
  if (path) await writeResult(path, await encodeResult(contents))
  if (options.json) {
    const layout = { xM: [...outcome.layout.xM], yM: [...outcome.layout.yM] }
    terminal.printJson({ ...facts, layout, ...(path && { output: path }) })
  } else terminal.print(describe(facts, path))
  return facts.infeasibilities.length === 0 ? exitStatus.complete : exitStatus.incomplete
}

async function planFor(options: OptimizeOptions, surroundings: Surroundings): Promise<SweepPlan> {
  const path = resolve(surroundings.workingDirectory, options.specification)
  if (await isThere(path)) return planOfSpecification(await readSpecification(path, { set: [...options.set] }))
  if (/[/\\]|\.ya?ml$/i.test(options.specification)) {
    throw new WindrowError('SPEC_UNREADABLE', { message: `There is no specification ${path}.` })
  }
  if (options.set.length > 0) {
    throw new WindrowError('USAGE', { message: '--set changes a specification file, not a sweep in the store.' })
  }
  return await withContext(options, surroundings, async ({ store }) => {
    const { plan } = await createSweepReader(store).read(await findSweep(store, options.specification))
    return plan
  })
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw new WindrowError('SPEC_UNREADABLE', { message: `${path} cannot be read: ${messageOf(error)}`, cause: error })
  }
}

function indexOf(plan: SweepPlan, key: string): number {
  const index = plan.indexOf(key)
  if (index !== undefined) return index
  const keys = Array.from({ length: Math.min(plan.total, 10_000) }, (_, i) => plan.keyAt(i))
  throw new WindrowError('CONFIGURATION_UNKNOWN', {
    message: `${plan.sweep} has no configuration ${key}.${didYouMean(key, keys)} Its ${plan.total} keys go from ${plan.keyAt(0)} to ${plan.keyAt(plan.total - 1)}.`,
    context: { sweep: plan.sweep, key },
  })
}

/** Never over a file that is there: it may be somebody's result. */
async function writeResult(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx' })
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new WindrowError(isTaken ? 'OUTPUT_PATH_TAKEN' : 'FILE_UNREADABLE', {
      message: isTaken ? `${path} is there already.` : `${path} cannot be written: ${messageOf(cause)}`,
      cause,
    })
  }
}

function nearestPairM({ xM, yM }: { xM: Float64Array; yM: Float64Array }): number | null {
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < xM.length; i++) {
    for (let j = i + 1; j < xM.length; j++) nearest = Math.min(nearest, Math.hypot(xM[i]! - xM[j]!, yM[i]! - yM[j]!))
  }
  return Number.isFinite(nearest) ? nearest : null
}

interface Facts {
  readonly sweep: string
  readonly key: string
  readonly area: string
  readonly turbineType: string
  readonly seed: number
  readonly aepGWh: number
  readonly nTurbines: number
  readonly minSpacingM: number
  readonly nearestPairM: number | null
  readonly infeasibilities: readonly unknown[]
  readonly contentSha256: string
  readonly durationMs: number
}

function describe(facts: Facts, path: string | undefined): string {
  const { nearestPairM: nearest, infeasibilities } = facts
  const distance = nearest === null ? 'one turbine only' : `${nearest.toFixed(1)} m between the nearest two`
  const verdict = infeasibilities.length === 0 ? 'kept' : `${infeasibilities.length} violations`
  return formatFacts([
    ['configuration', `${facts.key} of ${facts.sweep}`],
    ['area', facts.area],
    ['turbine type', facts.turbineType],
    ['seed', String(facts.seed)],
    ['AEP', `${facts.aepGWh.toFixed(3)} GWh`],
    ['turbines', String(facts.nTurbines)],
    ['boundary and spacing', `${verdict}: ${distance}, at least ${facts.minSpacingM.toFixed(1)} m asked for`],
    ['content SHA-256', facts.contentSha256],
    ['took', formatDuration(facts.durationMs)],
    ...(path === undefined ? [] : [['result', path] as const]),
  ])
}
