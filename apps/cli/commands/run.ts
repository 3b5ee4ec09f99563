import { resolve } from 'node:path'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { recordAction } from '@windrow/common/accounting/selection.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { checkProblems } from '@windrow/common/optimizing/check-problems.ts'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import type { RedisProgram } from '@windrow/common/redis/find-server.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import { probeStore } from '@windrow/common/store/probe-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { planOfSpecification } from '@windrow/common/sweep/expand.ts'
import type { Manifest } from '@windrow/common/sweep/manifest.ts'
import { submitManifest } from '@windrow/common/sweep/manifests.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { matches, parseSelector } from '@windrow/common/sweep/selector.ts'
import type { Specification } from '@windrow/common/sweep/specification.ts'
import { createSweepReader, type SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { lockDirectory } from '../running/directory-lock.ts'
import { checkOutputPath } from '../running/output-path.ts'
import { runSweep } from '../running/run-sweep.ts'

/** What every command that runs configurations on this machine takes. */
export interface LocalRunOptions {
  readonly context: Context
  readonly output: string
  readonly workers: number
  readonly concurrency?: number
  readonly optimizersFile?: string
  readonly json: boolean
  readonly host: CommandHost
}

/** The surroundings of a command, wired by main.ts. */
export interface CommandHost {
  readonly environment: NodeJS.ProcessEnv
  readonly findRedis: () => Promise<RedisProgram>
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly numericsId: string
  readonly windrowVersion: string
  readonly user: string
  /** How the user calls `windrow` from where he is. */
  readonly command: string
}

export interface RunCommandOptions extends LocalRunOptions {
  readonly specificationPath: string
  readonly only: readonly string[]
  readonly set: readonly string[]
  readonly dryRun: boolean
}

/** `windrow run SPEC`: submits the specification and runs it here, or resumes the sweep that is there already. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const commands = await readCommandOptimizers(options.optimizersFile)
  const specification = await readSpecification(resolve(options.specificationPath), {
    set: [...options.set],
    optimizers: [...commands.keys()],
  })
  checkProblems(specification)
  const selected = countSelected(specification, options.only)
  if (options.dryRun) return describe(specification, selected, options)
  const { context, host } = options
  const unlock = await lockDirectory(context.directory.lock, process.pid)
  try {
    const store = await openForWriting(context, { create: true })
    await checkOutputPath(options.output, await readGenerations(store, specification.name))
    const facts = { numericsId: host.numericsId, windrowVersion: host.windrowVersion, submittedBy: host.user }
    const { outcome, added, manifests } = await submitManifest(store, specification, {
      now: systemClock.now(),
      ...facts,
    })
    warnOfOtherNumerics(manifests, host)
    await select(store, options, specification.name)
    const submitted = await createSweepReader(store).read(specification.name)
    host.stderr.write(`${openingLine(submitted, { outcome, added, selected })}\n`)
    return await runSweep({ ...options, ...host, store, submitted })
  } finally {
    await unlock()
  }
}

/** Opens the store; `run` makes it where there is none, `resume` does not. Every start probes that it refuses to create a name twice. */
export async function openForWriting({ store: url }: Context, { create }: { create: boolean }): Promise<Store> {
  const store = await openStore(url, { create })
  await probeStore(store, systemRandomness)
  return store
}

function countSelected(specification: Specification, only: readonly string[]): number {
  const plan = planOfSpecification(specification)
  if (only.length === 0) return plan.total
  const selector = parseSelector([...only], plan.fieldNames)
  let count = 0
  for (let index = 0; index < plan.total; index++) {
    if (matches(selector, { configuration: plan.at(index), state: 'pending' })) count++
  }
  if (count > 0) return count
  throw new WindrowError('SELECTOR_INVALID', {
    message: `--only ${only.join(' ')} selects none of the ${plan.total} configurations of ${specification.name}`,
  })
}

/** What is wanted from now on: the selection given, or everything when none is given. */
async function select(store: Store, { only, host }: RunCommandOptions, sweep: string): Promise<void> {
  const action = { sweep, action: 'select' as const, selector: [...only], by: host.user }
  await recordAction(store, action, { now: systemClock.now(), id: systemRandomness.id() })
}

function describe(specification: Specification, selected: number, { json, host }: RunCommandOptions): number {
  const plan = planOfSpecification(specification)
  const keys = [0, 1, 2].filter((index) => index < plan.total).map((index) => plan.keyAt(index))
  const facts = { sweep: specification.name, total: plan.total, selected, firstKeys: keys, specification }
  if (json) host.stdout.write(`${JSON.stringify(facts, null, 2)}\n`)
  else {
    host.stdout.write(
      `${specification.name}: ${selected} of ${plan.total} configurations would run, ${keys.join(', ')}, ...\nNothing was done (--dry-run).\n`,
    )
  }
  return 0
}

type Submission = { outcome: string; added: number; selected: number }

function openingLine({ plan }: SubmittedSweep, { outcome, added, selected }: Submission): string {
  const what = {
    new: 'new sweep',
    resumed: 'resuming',
    extended: `extended by ${added} configurations, what is done is kept`,
    'policy-changed': 'resuming with a changed policy',
  }[outcome]
  const part = selected < plan.total ? `, ${selected} selected` : ''
  return `${plan.sweep}: ${what}; ${plan.total} configurations${part}`
}

/** The built-in optimizers repeat to the bit on the same numerics only; results of both are valid, and stay. */
function warnOfOtherNumerics(manifests: readonly Manifest[], { numericsId, stderr }: CommandHost): void {
  const others = [...new Set(manifests.map((manifest) => manifest.numericsId))].filter((id) => id !== numericsId)
  if (others.length === 0) return
  stderr.write(
    `This machine computes with ${numericsId}, the sweep began with ${others.join(', ')}: repeats may differ in the last bits.\n`,
  )
}
