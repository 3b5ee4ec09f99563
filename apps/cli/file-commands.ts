import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { mergeLayouts } from '@windrow/common/merging/input-digest.ts'
import { wreckStyles } from '@windrow/common/wrecks/wreck.ts'
import { type Command, Option } from 'commander'
import { collect, sweepArgument, withContextFlags } from './command-flags.ts'
import type { CommandLine } from './command-line.ts'
import type { MergeFilesOptions } from './commands/merge-files.ts'
import type { SalvageFlags } from './commands/salvage.ts'
import {
  checkCommand,
  mergeFilesCommand,
  mergeSweepCommand,
  optimizeCommand,
  salvageCommand,
  verifyCommand,
} from './loaded-commands.ts'
import { exampleTexts } from './output/help-texts.ts'
import type { ContextFlags } from './sweeps/context-flags.ts'

/** The commands that work on files by themselves; only a merge of a sweep asks services. */
export function declareFiles(program: Command, parts: CommandLine): void {
  declareMerge(program, parts)
  declareChecks(program, parts)
  declareSalvage(program, parts)
  declareOptimize(program, parts)
}

type MergeFlags = ContextFlags & Partial<Omit<MergeFilesOptions, 'host'>>

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

function declareChecks(program: Command, { surroundings, end }: CommandLine): void {
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
}

function declareSalvage(program: Command, { surroundings, host, end }: CommandLine): void {
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

function declareOptimize(program: Command, { surroundings, end }: CommandLine): void {
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
