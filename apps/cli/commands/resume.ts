import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { lockDirectory } from '../running/directory-lock.ts'
import { checkOutputPath } from '../running/output-path.ts'
import { runSweep } from '../running/run-sweep.ts'
import { type LocalRunOptions, openForWriting } from './run.ts'

/** `windrow resume SWEEP`: runs what is open of a sweep that the store holds, and merges. Needs no specification file. */
export async function resumeSweep(options: LocalRunOptions & { readonly sweep: string }): Promise<number> {
  const { context, host, sweep } = options
  const unlock = await lockDirectory(context.directory.lock, process.pid)
  try {
    const store = await openForWriting(context, { create: false })
    const submitted = await createSweepReader(store).readNewest(sweep)
    await checkOutputPath(options.output, await readGenerations(store, sweep))
    host.stderr.write(`${sweep}: resuming; ${submitted.plan.total} configurations\n`)
    return await runSweep({ ...options, ...host, store, submitted })
  } finally {
    await unlock()
  }
}
