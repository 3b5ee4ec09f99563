import { resolve } from 'node:path'
import type { Command } from 'commander'
import { collect, sweepArgument, wholeNumber, withContextFlags } from './command-flags.ts'
import type { CommandLine } from './command-line.ts'
import {
  cancelCommand,
  deleteCommand,
  downloadCommand,
  pauseCommand,
  pruneCommand,
  quarantineCommand,
  submitCommand,
} from './loaded-commands.ts'
import { exampleTexts } from './output/help-texts.ts'
import { type ContextFlags, contextOf } from './sweeps/context-flags.ts'

/** The commands of whoever operates sweeps that services run elsewhere. They work on a local folder, too. */
export function declareOperating(program: Command, parts: CommandLine): void {
  declareSubmit(program, parts)
  declareSteering(program, parts)
  declareResults(program, parts)
  declareTidying(program, parts)
}

interface SubmitFlags extends ContextFlags {
  readonly only?: string[]
  readonly set?: string[]
  readonly optimizers?: string
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly output: string
  readonly json?: boolean
}

function declareSubmit(program: Command, { surroundings, host, end }: CommandLine): void {
  const submit = program
    .command('submit')
    .description('hand a specification to the services that run on the Redis and store of the context')
    .argument('<spec>', 'specification file (YAML)')
    .option('--only <selector>', 'a part only, such as "farm_idx=3 ss_seed=0..4"', collect)
    .option('--set <name=value>', 'override an axis or another part of the specification', collect)
    .option('--optimizers <file>', 'optimizers of your own that the specification names')
    .option('--dry-run', 'say what would be submitted, and do nothing')
    .option('--wait', 'follow it until it is settled, and bring the merged file home')
    .option('-o, --output <file>', 'with --wait: where the merged file goes', 'layouts.h5')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.submit)
  withContextFlags(submit).action(async (spec: string, given: SubmitFlags) => {
    const { only = [], set = [], dryRun = false, wait = false, json = false, optimizers } = given
    const { workingDirectory } = surroundings
    const status = await submitCommand(
      {
        ...{ only, set, dryRun, wait, json, host },
        context: await contextOf(given, surroundings),
        specificationPath: resolve(workingDirectory, spec),
        output: resolve(workingDirectory, given.output),
        ...(optimizers !== undefined && { optimizersFile: resolve(workingDirectory, optimizers) }),
      },
      surroundings,
    )
    end(status)
  })
}

function declareSteering(program: Command, { surroundings, end }: CommandLine): void {
  const pause = program
    .command('pause')
    .description('let nothing new of a sweep begin; what runs runs to its end')
    .argument('<sweep>', sweepArgument)
    .option('--reason <text>', 'why; `windrow status` shows it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.pause)
  withContextFlags(pause).action(async (sweep: string, given: ContextFlags & { reason?: string; json?: boolean }) =>
    end(await pauseCommand({ ...given, sweep }, surroundings)),
  )
  const cancel = program
    .command('cancel')
    .description('give up what is open of a sweep, or of a part of it; what runs is stopped')
    .argument('<sweep>', sweepArgument)
    .argument('[selector...]', 'only those, such as farm_idx=3 state=retrying')
    .option('--reason <text>', 'why; goes into the record')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.cancel)
  withContextFlags(cancel).action(
    async (sweep: string, selector: string[], given: ContextFlags & { reason?: string; json?: boolean }) =>
      end(await cancelCommand({ ...given, sweep, selector }, surroundings)),
  )
}

function declareResults(program: Command, { surroundings, end }: CommandLine): void {
  const download = program
    .command('download')
    .description('bring the merged file of a sweep home, held against its record')
    .argument('<sweep>', sweepArgument)
    .option('-o, --output <file>', 'where the merged file goes', 'layouts.h5')
    .option('--generation <n>', 'that merge, instead of the newest complete one', wholeNumber)
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.download)
  withContextFlags(download).action(
    async (sweep: string, given: ContextFlags & { output: string; generation?: number; json?: boolean }) => {
      const output = resolve(surroundings.workingDirectory, given.output)
      end(await downloadCommand({ ...given, output, sweep }, surroundings))
    },
  )
  const quarantine = program
    .command('quarantine')
    .description('the outputs that were refused, why, and the line that reproduces each')
    .argument('<sweep>', sweepArgument)
    .argument('[selector...]', 'only those, such as farm_idx=3 error~truncated')
    .option('-o, --output <folder>', 'copy bytes and evidence here')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.quarantine)
  withContextFlags(quarantine).action(
    async (sweep: string, selector: string[], given: ContextFlags & { output?: string; json?: boolean }) =>
      end(await quarantineCommand({ ...given, sweep, selector }, surroundings)),
  )
}

function declareTidying(program: Command, { surroundings, end }: CommandLine): void {
  const prune = program
    .command('prune')
    .description('remove what a verified complete file makes superfluous; the results themselves stay')
    .argument('<sweep>', sweepArgument)
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option('--reason <text>', 'why; goes into the record')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.prune)
  withContextFlags(prune).action(
    async (sweep: string, given: ContextFlags & { dryRun?: boolean; reason?: string; json?: boolean }) =>
      end(await pruneCommand({ ...given, sweep }, surroundings)),
  )
  const remove = program
    .command('delete')
    .description('remove everything of a sweep, its results and merged files too')
    .argument('<sweep>', sweepArgument)
    .option('--yes <name>', 'the name of the sweep once more, in full; without it nothing is deleted')
    .option('--json', 'print one JSON document')
    .addHelpText('after', exampleTexts.delete)
  withContextFlags(remove).action(async (sweep: string, given: ContextFlags & { yes?: string; json?: boolean }) =>
    end(await deleteCommand({ ...given, sweep }, surroundings)),
  )
}
