import { resolve } from 'node:path'
import { Command } from 'commander'
import { collect, sweepArgument, wholeNumber, wholeNumberOrNone, withContextFlags } from './command-flags.ts'
import type { CommandHost, LocalRunOptions } from './commands/run.ts'
import { declareFiles } from './file-commands.ts'
import {
  listCommand,
  missingCommand,
  rerunCommand,
  resumeElsewhere,
  resumeSweep,
  runCommand,
  serviceCommand,
  statusCommand,
} from './loaded-commands.ts'
import { declareOperating } from './operator-commands.ts'
import { exampleTexts } from './output/help-texts.ts'
import { listeningOf } from './running/listening.ts'
import type { ServiceName } from './running/service-process.ts'
import type { Surroundings } from './surroundings.ts'
import { type ContextFlags, contextOf, withContext } from './sweeps/context-flags.ts'
import { findSweep } from './sweeps/find-sweep.ts'

export interface CommandLine {
  readonly surroundings: Surroundings
  readonly host: CommandHost
  readonly version: string
  /** Takes the exit status of the command that ran. */
  readonly end: (status: number) => void
}

/** The `windrow` command: its table of contents, one file a command in commands/. */
export function commandLine(parts: CommandLine): Command {
  const program = new Command('windrow')
    .description('Runs sweeps of wind farm layout optimisations and brings the results home as one verified HDF5 file.')
    .version(parts.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help; `windrow COMMAND --help` shows examples')
    .helpCommand(false)
    .exitOverride()
    .addHelpText('after', exampleTexts.windrow)
  declareRunning(program, parts)
  declareOperating(program, parts)
  declareReading(program, parts)
  declareRerun(program, parts)
  declareFiles(program, parts)
  for (const service of ['producer', 'worker', 'merger', 'dashboard'] as const) declareService(program, service, parts)
  return program
}

function declareRunning(program: Command, parts: CommandLine): void {
  const { surroundings, end } = parts
  const run = program
    .command('run')
    .description('run a specification on this machine, or resume it where it was left')
    .argument('<spec>', 'specification file (YAML)')
    .option('--only <selector>', 'run a part only, such as "farm_idx=3 ss_seed=0..4"', collect)
    .option('--set <name=value>', 'override an axis or another part of the specification', collect)
    .option('--dry-run', 'say what would run, and do nothing')
    .addHelpText('after', exampleTexts.run)
  withRunFlags(run).action(
    async (spec: string, given: RunFlags & { only?: string[]; set?: string[]; dryRun?: boolean }) => {
      const { only = [], set = [], dryRun = false } = given
      const specificationPath = resolve(surroundings.workingDirectory, spec)
      end(await runCommand({ ...(await localRun(given, parts)), specificationPath, only, set, dryRun }))
    },
  )
  const resume = program
    .command('resume')
    .description('run what is open of a sweep here; where services run already: end its pause')
    .argument('<sweep>', sweepArgument)
    .option('--all', 'want everything again, also what was cancelled or left out by --only')
    .addHelpText('after', exampleTexts.resume)
  withRunFlags(resume).action(async (name: string, given: RunFlags & { all?: boolean }) => {
    const context = await contextOf(given, surroundings)
    // Whoever has a Redis has services, here or elsewhere: they go on with it.
    if (context.redis !== undefined && given.listen === undefined)
      return end(await resumeElsewhere({ ...given, sweep: name }, surroundings))
    const sweep = await withContext(given, surroundings, ({ store }) => findSweep(store, name))
    end(await resumeSweep({ ...(await localRun(given, parts)), sweep, all: given.all ?? false }))
  })
}

function declareReading(program: Command, { surroundings, end }: CommandLine): void {
  const list = program.command('list').description('the sweeps in the store, with their counts')
  withContextFlags(list)
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.list)
    .action(async (given: ContextFlags & { json?: boolean }) => end(await listCommand(given, surroundings)))
  const status = program
    .command('status')
    .description('how far a sweep is, what failed and why, and where its file is')
    .argument('<sweep>', sweepArgument)
    .option('-w, --watch', 'show it again and again until the sweep is settled')
    .option('--json', 'print one JSON document (with --watch one a line)')
    .addHelpText('after', exampleTexts.status)
  withContextFlags(status).action(async (sweep: string, given: ContextFlags & { watch?: boolean; json?: boolean }) =>
    end(await statusCommand({ ...given, sweep }, surroundings)),
  )
  const missing = program
    .command('missing')
    .description('every configuration that is not committed, and why')
    .argument('<sweep>', sweepArgument)
    .argument('[selector...]', 'only those, such as state=dead error~memory')
    .option('--csv', 'print CSV: key, fields, state, attempts, cause, message')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.missing)
  withContextFlags(missing).action(
    async (sweep: string, selector: string[], given: ContextFlags & { csv?: boolean; json?: boolean }) =>
      end(await missingCommand({ ...given, sweep, selector }, surroundings)),
  )
}

interface RerunFlags extends RunFlags {
  readonly from?: string
  readonly force?: boolean
  readonly reason?: string
  readonly resume: boolean
}

function declareRerun(program: Command, parts: CommandLine): void {
  const rerun = program
    .command('rerun')
    .description('run what is dead again, with all attempts; what is committed is left alone')
    .argument('<sweep>', sweepArgument)
    .argument('[selector...]', 'only those, such as farm_idx=3 error~memory')
    .option('--from <file>', 'only the keys in this file: one a line, or the CSV of `windrow missing --csv`')
    .option('--force', 'run committed configurations of the selection again, too; needs --reason')
    .option('--reason <text>', 'why; goes into the record')
    .option('--no-resume', 'only record it; `windrow resume` runs it')
    .addHelpText('after', exampleTexts.rerun)
  withRunFlags(rerun).action(async (sweep: string, selector: string[], given: RerunFlags) => {
    const local = await localRun(given, parts)
    const runHere = async (name: string) => resumeSweep({ ...local, sweep: name })
    parts.end(await rerunCommand({ ...given, output: local.output, sweep, selector, runHere }, parts.surroundings))
  })
}

const serviceDescriptions = {
  producer: 'service: keeps the queues equal to the sweeps, asks for merges',
  worker: 'service: runs configurations',
  merger: 'service: merges what is committed into one file',
  dashboard: 'service: the sweeps and their queues in a browser',
} as const

function declareService(program: Command, service: ServiceName, { surroundings, end }: CommandLine): void {
  const command = program
    .command(service)
    .description(serviceDescriptions[service])
    .argument('[flags...]', 'flags of the service, see below')
    .allowUnknownOption()
    .addHelpText('after', exampleTexts[service])
  withContextFlags(command).action(async (args: string[], given: ContextFlags) =>
    end(await serviceCommand({ ...given, service, args }, surroundings)),
  )
}

interface RunFlags extends ContextFlags {
  readonly output: string
  readonly workers: number
  readonly listen?: string | true
  readonly beat?: string
  readonly concurrency?: number
  readonly optimizers?: string
  readonly json?: boolean
}

function withRunFlags(command: Command): Command {
  return withContextFlags(command)
    .option('-o, --output <file>', 'where the merged file goes', 'layouts.h5')
    .option('--workers <n>', 'worker processes here', wholeNumberOrNone, 1)
    .option(
      '--listen [address]',
      'let workers of other hosts join, through the store they share; address, interface or name',
    )
    .option('--beat <duration>', 'with --listen: how often those workers say what they run (default: 15s)')
    .option('--concurrency <n>', 'configurations at once in each worker (default: the cores available)', wholeNumber)
    .option('--optimizers <file>', 'optimizers of your own: which commands the workers may run')
    .option('--json', 'print one JSON document at the end')
}

async function localRun(given: RunFlags, { surroundings, host }: CommandLine): Promise<LocalRunOptions> {
  const { workers, concurrency, optimizers } = given
  const { workingDirectory, environment } = surroundings
  const context = await contextOf(given, surroundings)
  const listening = listeningOf({ ...given, redis: given.redis ?? environment.WINDROW_REDIS_URL }, context)
  return {
    // Who listens has a Redis of his own, also where somebody led the cluster before.
    context: listening ? { ...context, redis: undefined } : context,
    ...(listening && { listening }),
    output: resolve(workingDirectory, given.output),
    workers,
    ...(concurrency !== undefined && { concurrency }),
    ...(optimizers !== undefined && { optimizersFile: resolve(workingDirectory, optimizers) }),
    json: given.json ?? false,
    host,
  }
}
