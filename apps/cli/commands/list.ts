import { readActions } from '@windrow/common/accounting/actions.ts'
import { currentGeneration, readGenerations } from '@windrow/common/accounting/generations.ts'
import { type Pause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import { outOf } from '@windrow/common/status/counts.ts'
import { readCurrentStates } from '@windrow/common/status/current-states.ts'
import { openCount, type WordCounts, wordCounts } from '@windrow/common/status/state-words.ts'
import { sweepNames } from '@windrow/common/sweep/sweep-names.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { formatTable } from '../output/table.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, type OpenContext, withContext } from '../sweeps/context-flags.ts'

interface ListedSweep {
  readonly sweep: string
  readonly total: number
  readonly source: 'ledger' | 'store'
  readonly counts: WordCounts
  readonly open: number
  readonly generation?: { readonly number: number; readonly complete: boolean; readonly merged: number }
  readonly submittedAt: string
  readonly paused?: Pause
}

type Entry = ListedSweep | { readonly sweep: string; readonly unreadable: string }

/** `windrow list`: the sweeps of the store, with their counts. One that cannot be read is named; the status is 1 then. */
export async function listCommand(
  options: ContextFlags & { json?: boolean },
  surroundings: Surroundings,
): Promise<number> {
  const { terminal } = surroundings
  return await withContext(options, surroundings, async (open) => {
    const entries: Entry[] = []
    for (const sweep of await sweepNames(open.store)) entries.push(await entryOf(open, sweep))
    if (open.redis.failed) terminal.say(`warning: ${open.redis.why} The counts are from the store alone.`)
    if (options.json) terminal.printJson({ store: open.store.url, sweeps: entries })
    else terminal.print(entries.length === 0 ? `No sweep is in ${open.store.url} yet.\n` : tableOf(entries))
    return entries.some((entry) => 'unreadable' in entry) ? exitStatus.failed : exitStatus.complete
  })
}

/** One damaged sweep must not hide the others. */
async function entryOf({ store, redis }: OpenContext, sweep: string): Promise<Entry> {
  try {
    const { plan, submittedAt } = await createSweepReader(store).read(sweep)
    const states = await readCurrentStates({ store, ledger: redis.ledgerOf?.(sweep) }, plan)
    const pause = pauseBy((await readActions(store, sweep)).actions)
    const generation = currentGeneration(await readGenerations(store, sweep))
    return {
      sweep,
      total: plan.total,
      source: states.source,
      counts: wordCounts(states.counts),
      open: openCount(states.counts),
      ...(generation && {
        generation: { number: generation.number, complete: generation.complete, merged: generation.merged },
      }),
      submittedAt: new Date(submittedAt).toISOString(),
      ...(pause && { paused: pause }),
    }
  } catch (error) {
    return { sweep, unreadable: messageOf(error) }
  }
}

function tableOf(entries: readonly Entry[]): string {
  const columns = [
    { header: 'sweep' },
    { header: 'committed', align: 'right' },
    { header: 'open', align: 'right' },
    { header: 'dead', align: 'right' },
    { header: 'quarantined', align: 'right' },
    { header: 'merged' },
    { header: 'submitted' },
  ] as const
  return formatTable(columns, entries.map(rowOf))
}

function rowOf(entry: Entry): string[] {
  if ('unreadable' in entry) return [entry.sweep, '', '', '', '', `cannot be read: ${entry.unreadable}`, '']
  const { sweep, total, counts, open, generation, submittedAt, paused } = entry
  const of = (count: number) => outOf(count, total)
  const merged = generation
    ? `${of(generation.merged)} (generation ${generation.number}, ${generation.complete ? 'complete' : 'partial'})`
    : 'not yet'
  return [
    sweep,
    of(counts.committed),
    paused ? `${of(open)}, paused` : of(open),
    of(counts.dead),
    of(counts.quarantined),
    merged,
    submittedAt.slice(0, 16).replace('T', ' '),
  ]
}
