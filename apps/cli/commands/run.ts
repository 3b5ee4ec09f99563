import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { describePause } from '@windrow/common/accounting/pause.ts'
import { describeSetAside } from '@windrow/common/accounting/set-aside.ts'
import type { Context } from '@windrow/common/configuration/context.ts'
import type { RedisProgram } from '@windrow/common/redis/find-server.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import { probeStore } from '@windrow/common/store/probe-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { lockDirectory } from '../running/directory-lock.ts'
import type { Listening } from '../running/listening.ts'
import { checkOutputPath } from '../running/output-path.ts'
import { runSweep } from '../running/run-sweep.ts'
import { endPause } from '../submitting/end-pause.ts'
import {
  type CheckedSpecification,
  checkSpecification,
  describeEntered,
  describeOtherNumerics,
  type GivenSpecification,
} from '../submitting/enter-sweep.ts'
import { enterTraced } from '../submitting/enter-traced.ts'

/** What every command that runs configurations on this machine takes. */
export interface LocalRunOptions {
  readonly context: Context
  readonly output: string
  readonly workers: number
  /** Takes in workers of other hosts. */
  readonly listening?: Listening
  readonly concurrency?: number
  readonly optimizersFile?: string | undefined
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
  /** The name of this host; under SLURM that of the node. */
  readonly hostName: string
  /** How the user calls `windrow` from where he is. */
  readonly command: string
}

export interface RunCommandOptions extends LocalRunOptions, GivenSpecification {
  readonly dryRun: boolean
}

/** `windrow run SPEC`: submits the specification and runs it here, or resumes the sweep that is there already. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const checked = await checkSpecification(options)
  if (options.dryRun) return describe(checked, options)
  const { context, host } = options
  const unlock = await lockDirectory(context.directory.lock, process.pid)
  try {
    const store = await openForWriting(context, { create: true })
    const sweep = checked.specification.name
    await checkOutputPath(options.output, await readGenerations(store, sweep))
    const { entered, trace } = await enterTraced(store, checked, host)
    const lines = [describeOtherNumerics(entered, host), describeEntered(entered)]
    for (const line of lines) if (line !== undefined) host.stderr.write(`${line}\n`)
    const action = (await resumePaused(store, sweep, host)) ?? entered.action
    return await runSweep({
      ...options,
      ...host,
      store,
      submitted: entered.submitted,
      action,
      trace,
      isNew: entered.outcome === 'new',
    })
  } finally {
    await unlock()
  }
}

/** Whoever runs a sweep here wants it to go on. Returns the name of the record when it was paused, or hosts of it were set aside. */
export async function resumePaused(store: Store, sweep: string, { user, stderr }: CommandHost) {
  const actor = { by: user, now: systemClock.now(), id: systemRandomness.id() }
  const ended = await endPause(store, sweep, actor)
  if (ended?.pause) stderr.write(`${sweep} was ${describePause(ended.pause)}; it goes on now.\n`)
  for (const host of ended?.hosts ?? []) stderr.write(`${describeSetAside(host)}; it takes jobs again.\n`)
  return ended?.action
}

/** Opens the store; `run` makes it where there is none, `resume` does not. Every start probes that it refuses to create a name twice. */
export async function openForWriting({ store: url }: Context, { create }: { create: boolean }): Promise<Store> {
  const store = await openStore(url, { create })
  await probeStore(store, systemRandomness)
  return store
}

function describe({ specification, total, selected, firstKeys }: CheckedSpecification, options: RunCommandOptions) {
  const { json, host } = options
  const sweep = specification.name
  if (json) host.stdout.write(`${JSON.stringify({ sweep, total, selected, firstKeys, specification }, null, 2)}\n`)
  else {
    host.stdout.write(
      `${sweep}: ${selected} of ${total} configurations would run, ${firstKeys.join(', ')}, ...\nNothing was done (--dry-run).\n`,
    )
  }
  return 0
}
