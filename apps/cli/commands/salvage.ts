import { realpath } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from '@windrow/common/configuration/context.ts'
import { isWindrowError, messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { checkProblems } from '@windrow/common/optimizing/check-problems.ts'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { changedError, compareSpecifications } from '@windrow/common/sweep/compare.ts'
import { planOfSpecification } from '@windrow/common/sweep/expand.ts'
import { readManifests, submitManifest } from '@windrow/common/sweep/manifests.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import type { Specification } from '@windrow/common/sweep/specification.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import type { WreckStyle } from '@windrow/common/wrecks/wreck.ts'
import { createWreckReader } from '@windrow/common/wrecks/wreck-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { warnOfSilentRedis } from '../output/describe-services.ts'
import { listWreck } from '../salvaging/list-wreck.ts'
import { describeOutcome, documentOf, type SalvageOutcome } from '../salvaging/report.ts'
import { createSalvageThreads } from '../salvaging/salvage-threads.ts'
import { type SalvageRequest, salvageWreck } from '../salvaging/salvage-wreck.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, contextOf } from '../sweeps/context-flags.ts'
import { type ReachedRedis, reachRedis } from '../sweeps/reach-redis.ts'
import { type CommandHost, openForWriting } from './run.ts'

export interface SalvageOptions extends SalvageFlags {
  readonly directory: string
  readonly host: CommandHost
}

export interface SalvageFlags extends ContextFlags {
  readonly spec: string
  /** The merged file that the earlier sweep left beside the directory. */
  readonly merged?: string
  readonly style?: WreckStyle
  readonly aep?: 'reevaluate' | 'as-reported'
  readonly optimizers?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** How long a file may keep libhdf5 busy until its next rows. */
const patienceMs = 5_000

/** `windrow salvage DIR --spec SPEC`: takes what an earlier sweep left into a sweep of this specification. */
export async function salvageCommand(options: SalvageOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, workingDirectory } = surroundings
  const here = (path: string) => resolve(workingDirectory, path)
  const specification = await specificationOf(options, here)
  const context = await contextOf(options, surroundings)
  const path = await directoryOf(here(options.directory))
  const dryRun = options.dryRun ?? false
  if (!dryRun) await refuseToWriteInside(path, context)
  const present = await presentStore(context)
  if (present) await refuseOtherSweep(present, specification)
  const listing = await listWreck(path, options.merged && here(options.merged))
  const aep = options.aep ?? specification.salvage.aep
  const plan = planOfSpecification(specification)
  const request = { directory: options.directory, path, listing, plan, aep, dryRun, present }
  const redis = await reachRedis(dryRun ? undefined : context.redis)
  try {
    warnOfSilentRedis(redis, terminal)
    const outcome = await salvage(request, { options, context, specification, redis }, surroundings)
    if (!dryRun) await redis.wake?.(specification.name)
    if (options.json) terminal.printJson(documentOf(outcome))
    else terminal.print(describeOutcome(outcome))
    return exitStatus.complete
  } finally {
    redis.close()
  }
}

interface Around {
  readonly options: SalvageOptions
  readonly context: Context
  readonly specification: Specification
  readonly redis: ReachedRedis
}

async function salvage(
  request: SalvageRequest,
  { options, context, specification, redis }: Around,
  { terminal, user, host, clock, randomness }: Surroundings,
): Promise<SalvageOutcome> {
  const size = Math.min(4, availableParallelism())
  const reader = createWreckReader({ size, timeoutMs: patienceMs, style: options.style })
  // A dry run evaluates a few layouts only.
  const threads = createSalvageThreads(request.dryRun ? 1 : size)
  const validator = createThreadValidator({ size, timeoutMs: 60_000 })
  try {
    return await salvageWreck(request, {
      ...{ reader, threads, validator },
      enter: async () => {
        const store = await openForWriting(context, { create: true })
        await submitManifest(store, specification, { ...options.host, now: clock.now(), submittedBy: user })
        const { plan } = await createSweepReader(store).read(specification.name)
        return { store, plan, ledger: redis.ledgerOf?.(plan.sweep) }
      },
      actor: { user, host, now: () => clock.now(), id: () => randomness.id() },
      say: (line) => terminal.say(line),
    })
  } finally {
    await Promise.all([reader.close(), threads.close(), validator.close()])
  }
}

async function specificationOf(
  { spec, optimizers }: SalvageOptions,
  here: (path: string) => string,
): Promise<Specification> {
  const commands = await readCommandOptimizers(optimizers && here(optimizers))
  const specification = await readSpecification(here(spec), { optimizers: [...commands.keys()] })
  checkProblems(specification)
  return specification
}

async function directoryOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    const message = `${path} cannot be read: ${messageOf(cause)}`
    throw new WindrowError('FILE_UNREADABLE', { message, cause, context: { path } })
  }
}

/** Nothing in the directory is changed, so nothing may be made in it either. */
async function refuseToWriteInside(directory: string, { store, directory: local }: Context): Promise<void> {
  const places = [local.root, ...(store.startsWith('file:') ? [fileURLToPath(store)] : [])]
  const inside = places.find((place) => !relative(directory, place).startsWith('..'))
  if (inside === undefined) return
  throw new WindrowError('USAGE', {
    message: `${inside} lies in ${directory}: nothing in a directory that is salvaged is changed.`,
    context: { directory, inside },
    next: 'Run windrow from another folder, or name one with --dir or --store.',
  })
}

async function presentStore({ store }: Context): Promise<Store | undefined> {
  try {
    return await openStore(store)
  } catch (error) {
    if (isWindrowError(error, 'STORE_UNAVAILABLE') && store.startsWith('file:')) return undefined
    throw error
  }
}

/** Throws SPEC_CHANGED before anything is read when another sweep has the name. */
async function refuseOtherSweep(store: Store, specification: Specification): Promise<void> {
  try {
    const manifests = await readManifests(store, specification.name)
    const comparison = compareSpecifications(manifests.at(-1)!.specification, specification)
    if (comparison.kind === 'changed') throw changedError(specification.name, comparison)
  } catch (error) {
    if (!isWindrowError(error, 'SWEEP_UNKNOWN')) throw error
  }
}
