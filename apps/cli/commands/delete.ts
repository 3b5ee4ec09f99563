import { existsSync } from 'node:fs'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { openStates } from '@windrow/common/ledger/states.ts'
import { counted, formatBytes, grouped } from '@windrow/common/status/counts.ts'
import { deleteSweep, type Holdings, readHoldings } from '../deleting/delete-sweep.ts'
import { exitStatus } from '../exit-status.ts'
import { formatTable } from '../output/table.ts'
import { lockDirectory } from '../running/directory-lock.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, type OpenContext, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface DeleteOptions extends ContextFlags {
  readonly sweep: string
  /** The name of the sweep once more, in full. */
  readonly yes?: string
  readonly json?: boolean
}

/**
 * `windrow delete SWEEP --yes NAME`: everything of the sweep, merged files included. Without --yes it says what there is
 * and changes nothing. Refused while anything of it is open where services run.
 */
export async function deleteCommand(options: DeleteOptions, surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings
  return await withContext(options, surroundings, async (open) => {
    const { store, redis, context } = open
    const sweep = await findSweep(store, options.sweep)
    const holdings = await readHoldings(store, sweep)
    if (!options.json) terminal.print(describe(sweep, store.url, holdings))
    refuseUnconfirmed(options, sweep)
    const mayBeInUse = context.local && existsSync(context.directory.root)
    const unlock = mayBeInUse ? await lockDirectory(context.directory.lock, process.pid) : undefined
    try {
      await refuseOpen(open, sweep)
      const removed = await deleteSweep({ store, forget: redis.forget }, sweep)
      if (options.json) terminal.printJson({ sweep, deleted: true, removed, ...holdings })
      else terminal.print(`${farewell(sweep, removed, context.redis !== undefined)}\n`)
      return exitStatus.complete
    } finally {
      await unlock?.()
    }
  })
}

function describe(sweep: string, storeUrl: string, { parts, objects, bytes }: Holdings): string {
  const columns = [
    { header: 'part' },
    { header: 'objects', align: 'right' },
    { header: 'bytes', align: 'right' },
  ] as const
  const rows = parts.map((part) => [part.part, grouped(part.objects), formatBytes(part.bytes)])
  const heading = `${sweep} in ${storeUrl} holds ${counted(objects, 'object')}, ${formatBytes(bytes)}:`
  return `${heading}\n${formatTable(columns, rows)}`
}

function refuseUnconfirmed({ yes }: DeleteOptions, sweep: string): void {
  if (yes === sweep) return
  const said =
    yes === undefined ? 'Nothing was deleted' : `--yes ${yes} is not the name of the sweep; nothing was deleted`
  throw new WindrowError('USAGE', {
    message: `${said}. Deleting takes results and merged files away for good.`,
    context: { sweep },
    next: `If that is meant: windrow delete ${sweep} --yes ${sweep}`,
  })
}

/** What is open would be run into a sweep that is gone. */
async function refuseOpen({ redis }: OpenContext, sweep: string): Promise<void> {
  if (redis.failed) {
    const message = `${redis.why} It may hold work of ${sweep}, so nothing was deleted.`
    throw new WindrowError('REDIS_UNAVAILABLE', { message, context: { sweep } })
  }
  const summary = await redis.ledgerOf?.(sweep).summary()
  const open = summary ? openStates.reduce((sum, state) => sum + summary.counts[state], 0) : 0
  if (open === 0) return
  throw new WindrowError('USAGE', {
    message: `${counted(open, 'configuration')} of ${sweep} are open, and services may be running them; nothing was deleted.`,
    context: { sweep, open },
    next: `First: windrow cancel ${sweep}`,
  })
}

function farewell(sweep: string, removed: number, withRedis: boolean): string {
  const lines = [
    `${sweep} is deleted: ${counted(removed, 'object')} removed from the store${withRedis ? ', its ledger and queue from Redis' : ''}.`,
    'No record of it remains, of this deletion neither: keep these lines if you need one.',
    ...(withRedis ? [] : ['No Redis was named: services that run on this store elsewhere may still write to it.']),
  ]
  return lines.join('\n')
}
