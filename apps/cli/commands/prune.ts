import { counted, formatBytes, grouped, outOf } from '@windrow/common/status/counts.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { formatTable } from '../output/table.ts'
import { type PruneOutcome, pruneSweep } from '../pruning/prune-sweep.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface PruneOptions extends ContextFlags {
  readonly sweep: string
  readonly dryRun?: boolean
  readonly reason?: string
  readonly json?: boolean
}

/** `windrow prune SWEEP`: removes what a verified complete file makes superfluous, every removal counted. */
export async function pruneCommand(options: PruneOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, clock, randomness, user } = surroundings
  const { dryRun = false, reason } = options
  return await withContext(options, surroundings, async ({ store }) => {
    const { plan } = await createSweepReader(store).read(await findSweep(store, options.sweep))
    const actor = { who: user, now: clock.now(), reason }
    const outcome = await pruneSweep({ store, plan, dryRun, actor, actionId: randomness.id() })
    const { generation, removed, held } = outcome
    if (options.json) terminal.printJson({ sweep: plan.sweep, dryRun, generation: generation.number, removed, held })
    else terminal.print(render(plan.sweep, outcome, dryRun))
    return exitStatus.complete
  })
}

function render(sweep: string, { generation, removed, held }: PruneOutcome, dryRun: boolean): string {
  const objects = removed.reduce((sum, part) => sum + part.objects, 0)
  const bytes = removed.reduce((sum, part) => sum + part.bytes, 0)
  const columns = [
    { header: dryRun ? 'would be removed' : 'removed' },
    { header: 'objects', align: 'right' },
    { header: 'bytes', align: 'right' },
  ] as const
  const rows = removed.map((part) => [part.what, grouped(part.objects), formatBytes(part.bytes)])
  const all = `${outOf(objects, held.objects)} objects, ${formatBytes(bytes)} of ${formatBytes(held.bytes)}`
  return [
    `${sweep}: generation ${generation.number}, ${outOf(generation.merged, generation.expected)} merged, is verified.\n`,
    formatTable(columns, rows),
    `${dryRun ? 'Nothing was removed (--dry-run)' : `${counted(objects, 'object')} removed`}: ${all}.\n`,
  ].join('')
}
