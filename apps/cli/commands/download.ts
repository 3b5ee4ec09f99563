import { currentGeneration, readGenerations } from '@windrow/common/accounting/generations.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { bringGenerationHome } from '../running/bring-home.ts'
import { checkOutputPath } from '../running/output-path.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface DownloadOptions extends ContextFlags {
  readonly sweep: string
  /** Absolute path. */
  readonly output: string
  /** undefined: the current one, which is the newest complete one, else the newest. */
  readonly generation?: number
  readonly json?: boolean
}

/**
 * `windrow download SWEEP -o FILE`: a generation's file, held against its record. Status 0 when it holds all that was
 * asked for, 2 when it is short of it (and is named NAME.partial.h5).
 */
export async function downloadCommand(options: DownloadOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, command } = surroundings
  return await withContext(options, surroundings, async ({ store }) => {
    const sweep = await findSweep(store, options.sweep)
    const submitted = await createSweepReader(store).read(sweep)
    const generations = await readGenerations(store, sweep)
    const generation = chooseGeneration(generations, { sweep, wanted: options.generation })
    await checkOutputPath(options.output, generations)
    const newest = generations.at(-1)
    if (options.generation === undefined && newest && newest.number > generation.number) {
      const { number, merged, expected } = newest
      terminal.say(
        `Generation ${number} is newer, but not complete: ${merged} of ${expected} merged (--generation ${number}).`,
      )
    }
    const { output, json = false } = options
    const home = { store, submitted, output, json, print: terminal.print, say: terminal.say, command }
    return await bringGenerationHome(home, { generation, generations, isCurrent: true })
  })
}

function chooseGeneration(
  generations: readonly Generation[],
  { sweep, wanted }: { sweep: string; wanted: number | undefined },
): Generation {
  const current = currentGeneration(generations)
  if (!current) {
    throw new WindrowError('MERGE_NOTHING', { message: `${sweep} has no merged file yet.`, context: { sweep } })
  }
  if (wanted === undefined) return current
  const found = generations.find(({ number }) => number === wanted)
  if (found) return found
  throw new WindrowError('USAGE', {
    message: `${sweep} has no generation ${wanted}; it has 1 to ${generations.at(-1)!.number}.`,
    next: 'Leave --generation out for the current one.',
  })
}
