import { resolve } from 'node:path'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { type MergeLayout, mergeLayouts } from '@windrow/common/merging/input-digest.ts'
import { type WreckStyle, wreckStyles } from '@windrow/common/wrecks/wreck.ts'
import { Command, Option } from 'commander'
import { collect, sweepArgument, wholeNumber, wholeNumberOrNone, withContextFlags } from './command-flags.ts'
import { checkCommand } from './commands/check.ts'
import { listCommand } from './commands/list.ts'
import { mergeFilesCommand } from './commands/merge-files.ts'
import { mergeSweepCommand } from './commands/merge-sweep.ts'
import { missingCommand } from './commands/missing.ts'
import { optimizeCommand } from './commands/optimize.ts'
import { rerunCommand } from './commands/rerun.ts'
import { resumeSweep } from './commands/resume.ts'
import { resumeElsewhere } from './commands/resume-elsewhere.ts'
import { type CommandHost, type LocalRunOptions, runCommand } from './commands/run.ts'
import { salvageCommand } from './commands/salvage.ts'
import { serviceCommand } from './commands/service.ts'
import { statusCommand } from './commands/status.ts'
import { verifyCommand } from './commands/verify.ts'
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
  declareMerge(program, parts)
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
    const runHere = async (name: string) => resumeSweep({ ...(await localRun(given, parts)), sweep: name })
    parts.end(await rerunCommand({ ...given, sweep, selector, runHere }, parts.surroundings))
  })
}

interface MergeFlags extends ContextFlags {
  readonly files?: string
  readonly output?: string
  readonly spec?: string
  readonly optimizers?: string
  readonly onCorrupt?: 'skip' | 'fail'
  readonly tolerance?: string
  readonly layout?: MergeLayout
  readonly json?: boolean
}

function declareMerge(program: Command, { surroundings, host, end }: CommandLine): void {
  const merge = program
    .command('merge')
    .description('merge a folder of result or worker files (no services), or ask the mergers for a merge of a sweep')
    .argument('[sweep]', sweepArgument)
    .option('--files <folder>', 'merge the files of this folder, of which nothing is changed')
    .option('-o, --output <file>', 'with --files: where the merged file goes')
    .option('--spec <spec>', 'with --files: hold the files against this specification, and count what is missing')
    .option('--optimizers <file>', 'optimizers of your own that the specification names')
    .addOption(
      new Option('--on-corrupt <what>', 'with --files: leave out what is corrupt and name it (skip), or merge nothing')
        .choices(['skip', 'fail'])
        .default(undefined, 'skip'),
    )
    .option(
      '--tolerance <n>',
      'with --files: how much may be absent from a complete file, 5 or 2.5% (default: 0, or that of --spec)',
    )
    .addOption(
      new Option('--layout <layout>', 'with --files: the layout of the merged file')
        .choices([...mergeLayouts])
        .default(undefined, 'keyed, or that of --spec'),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.merge)
  withContextFlags(merge).action(async (sweep: string | undefined, given: MergeFlags) => {
    const { files, output, onCorrupt = 'skip', ...others } = given
    if (files === undefined) {
      const ofFiles = ['output', 'spec', 'optimizers', 'onCorrupt', 'tolerance', 'layout'] as const
      const misplaced = ofFiles.find((name) => given[name] !== undefined)
      if (misplaced) throw misused(`--${misplaced === 'onCorrupt' ? 'on-corrupt' : misplaced} goes with --files.`)
      if (sweep === undefined) throw misused('Name a sweep, or a folder with --files.')
      return end(await mergeSweepCommand({ ...given, sweep }, surroundings))
    }
    if (sweep !== undefined) throw misused(`Name a sweep (${sweep}) or a folder with --files (${files}), not both.`)
    if (output === undefined) throw misused('--files needs -o FILE: where the merged file goes.')
    end(await mergeFilesCommand({ ...others, files, output, onCorrupt, host }, surroundings))
  })
}

function misused(message: string): WindrowError {
  return new WindrowError('USAGE', { message, next: 'windrow merge --help shows examples.' })
}

function declareFiles(program: Command, { surroundings, host, end }: CommandLine): void {
  program
    .command('check')
    .description('validate result files and merged files; needs no services')
    .argument('<file...>', 'HDF5 files')
    .option('--spec <spec>', 'hold results against this specification: turbines, boundary, spacing, AEP')
    .option('--optimizers <file>', 'optimizers of your own that the specification names')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.check)
    .action(async (files: string[], given: { spec?: string; optimizers?: string; json?: boolean }) =>
      end(await checkCommand({ ...given, files }, surroundings)),
    )
  program
    .command('verify')
    .description('hold a merged file against its certificate; needs no services')
    .argument('<file>', 'merged HDF5 file')
    .option('--store [url]', 'hold it against the commits in the store as well (by default the store of this folder)')
    .option('--dir <folder>', 'local state, instead of the nearest .windrow')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.verify)
    .action(async (file: string, given: { store?: string | true; dir?: string; json?: boolean }) =>
      end(await verifyCommand({ ...given, file }, surroundings)),
    )
  declareSalvage(program, { surroundings, host, end })
  const optimize = program
    .command('optimize')
    .description('run one configuration here and now; needs no services')
    .argument('<spec>', 'specification file, or the name of a sweep in the store')
    .argument('<key>', 'key of the configuration')
    .option('-o, --output <file>', 'write the result file (HDF5) here')
    .option('--set <name=value>', 'override an axis or another part of the specification', collect)
    .option('--json', 'print one JSON document, with the layout')
    .addHelpText('after', exampleTexts.optimize)
  withContextFlags(optimize).action(
    async (
      specification: string,
      key: string,
      given: ContextFlags & { output?: string; set?: string[]; json?: boolean },
    ) => end(await optimizeCommand({ ...given, set: given.set ?? [], specification, key }, surroundings)),
  )
}

interface SalvageFlags extends ContextFlags {
  readonly spec: string
  readonly merged?: string
  readonly style?: WreckStyle
  readonly aep?: 'reevaluate' | 'as-reported'
  readonly optimizers?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

function declareSalvage(program: Command, { surroundings, host, end }: Omit<CommandLine, 'version'>): void {
  const salvage = program
    .command('salvage')
    .description('take what an earlier sweep left into a sweep; nothing in the directory is changed')
    .argument('<dir>', 'directory of its worker files')
    .requiredOption('--spec <spec>', 'specification that the files are held against (YAML)')
    .option('--merged <file>', 'the merged file that it left beside the directory')
    .addOption(new Option('--style <style>', 'how the files are laid out, where they do not tell').choices(wreckStyles))
    .addOption(
      new Option('--aep <mode>', 'evaluate AEP again, or take it as reported (default: salvage.aep)').choices([
        'reevaluate',
        'as-reported',
      ]),
    )
    .option('--optimizers <file>', 'optimizers of your own that the specification names')
    .option('--dry-run', 'say what would be taken in, and do nothing')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.salvage)
  withContextFlags(salvage).action(async (directory: string, given: SalvageFlags) =>
    end(await salvageCommand({ ...given, directory, host }, surroundings)),
  )
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
