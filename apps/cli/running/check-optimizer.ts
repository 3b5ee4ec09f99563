import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import { builtInOptimizers } from '@windrow/common/sweep/specification.ts'

/** OPTIMIZER_UNKNOWN when no worker of this run has the sweep's optimizer: nobody would take its jobs, for ever. */
export async function refuseUnknownOptimizer(optimizer: string, optimizersFile: string | undefined): Promise<void> {
  const known: string[] = [...builtInOptimizers, ...(await readCommandOptimizers(optimizersFile)).keys()]
  if (known.includes(optimizer)) return
  throw new WindrowError('OPTIMIZER_UNKNOWN', {
    message: `The sweep is run by the optimizer ${optimizer}; known here: ${known.join(', ')}.`,
    context: { optimizer, known },
    next: `Name the file that says what ${optimizer} is with --optimizers.`,
  })
}
