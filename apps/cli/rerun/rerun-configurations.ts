import { recordAction } from '@windrow/common/accounting/actions.ts'
import { rangesOf } from '@windrow/common/accounting/index-ranges.ts'
import { type Actor, recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { type CurrentStates, readCurrentStates } from '@windrow/common/status/current-states.ts'
import { isDead } from '@windrow/common/status/state-words.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { parseSelector } from '@windrow/common/sweep/selector.ts'
import { selectConfigurations } from '../sweeps/select-configurations.ts'

export interface RerunRequest {
  readonly store: Store
  /** undefined: Redis does not run; the ledger is rebuilt from the store when it does. */
  readonly ledger?: Ledger | undefined
  readonly plan: SweepPlan
  /** Terms as typed; none: every configuration. */
  readonly selector: readonly string[]
  /** Only these keys, from a file called `name`. */
  readonly from?: { readonly name: string; readonly keys: readonly string[] } | undefined
  /** Run committed configurations again, too; must say why. */
  readonly force?: { readonly reason: string } | undefined
  readonly reason?: string | undefined
  readonly actor: Actor
  /** Names the record of this action. */
  readonly actionId: string
}

/** What became of the selected configurations; `selected` is the sum of all that follow it. */
export interface RerunOutcome {
  readonly total: number
  readonly selected: number
  /** Dead ones whose next epoch is open. */
  readonly reopened: number
  /** Committed ones whose epoch was closed, because it was forced. */
  readonly forced: number
  /** Left alone. */
  readonly committed: number
  readonly open: number
  readonly cancelled: number
  /** Cancelled ones that are wanted again, because the selector asks for their state. */
  readonly wantedAgain: number
}

const reopensAtOnce = 16

/**
 * Opens the next epoch of the dead configurations in a selection, with all attempts: the record in the store first, then
 * the ledger. Committed ones are left alone and counted, unless forced: that closes their epoch, and they run again.
 * Cancelled ones are wanted again when the selector has a term on the state (state=cancelled), and left alone else, as
 * open ones are always. Safe to repeat. Throws SELECTOR_INVALID, CONFIGURATION_UNKNOWN or USAGE
 * before anything is changed.
 */
export async function rerunConfigurations(request: RerunRequest): Promise<RerunOutcome> {
  const { store, ledger, plan, force } = request
  const selector = parseSelector(request.selector, plan.fieldNames)
  const wanted = indicesFrom(request)
  refuseForceOfEverything(request)
  const states = await readCurrentStates({ store, ledger }, plan)
  const matching = await selectConfigurations({ store, plan }, selector, states)
  const selected = wanted ? matching.filter((index) => wanted.has(index)) : matching
  const dead = selected.filter((index) => isDead(stateAt(states, index)))
  const committed = selected.filter((index) => stateAt(states, index) === 'committed')
  const cancelled = selected.filter((index) => stateAt(states, index) === 'cancelled')
  const reopen = force ? [...dead, ...committed] : dead
  const again = selector.terms.some(({ about }) => about === 'state') ? cancelled : []
  for await (const _ of readAhead(reopen, reopensAtOnce, (index) => openNextEpoch(request, states, index)));
  const changed = [...reopen, ...again].sort((a, b) => a - b)
  if (changed.length > 0) await recordRerun(request, changed)
  if (again.length > 0 && states.source === 'ledger') await ledger?.select({ indices: again, as: 'pending' })
  return {
    total: plan.total,
    selected: selected.length,
    reopened: dead.length,
    forced: force ? committed.length : 0,
    committed: force ? 0 : committed.length,
    open: selected.length - dead.length - committed.length - cancelled.length,
    cancelled: cancelled.length - again.length,
    wantedAgain: again.length,
  }
}

const stateAt = ({ cells }: CurrentStates, index: number) => stateOfCell(cells[index]!)

/** Places of the keys of a file; CONFIGURATION_UNKNOWN names those the sweep does not have. */
function indicesFrom({ plan, from }: RerunRequest): ReadonlySet<number> | undefined {
  if (!from) return undefined
  const unknown = from.keys.filter((key) => plan.indexOf(key) === undefined)
  if (unknown.length > 0) {
    throw new WindrowError('CONFIGURATION_UNKNOWN', {
      message: `${from.name} names ${unknown.length} of ${from.keys.length} configurations that ${plan.sweep} does not have: ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ', ...' : ''}.`,
      context: { sweep: plan.sweep, unknown: unknown.slice(0, 100) },
      next: 'Correct the file: one key a line, or the CSV of `windrow missing --csv`. Nothing has been changed.',
    })
  }
  return new Set(from.keys.map((key) => plan.indexOf(key)!))
}

/** `--force` alone would throw away every result of the sweep. */
function refuseForceOfEverything({ force, from, selector, plan }: RerunRequest): void {
  if (!force || from || selector.length > 0) return
  throw new WindrowError('USAGE', {
    message: `--force without a selector would run all ${plan.total} configurations of ${plan.sweep} again, the committed ones too.`,
    next: "Select what is to run again; 'key=*' is everything.",
  })
}

async function openNextEpoch(
  { store, ledger, plan, force, reason, actor }: RerunRequest,
  { epochs, source }: CurrentStates,
  index: number,
): Promise<void> {
  const epoch = epochs.get(index) ?? 0
  const why = force?.reason ?? reason ?? 'rerun'
  await recordReopening(store, { sweep: plan.sweep, key: plan.keyAt(index), epoch }, { ...actor, reason: why })
  // 'stale': somebody else has opened the next epoch meanwhile, which is what we want.
  if (source === 'ledger') await ledger?.reopen({ index, epoch })
}

/** Names the places too: a rerun wants its configurations, also those that --only left out when they died. */
async function recordRerun(request: RerunRequest, changed: readonly number[]): Promise<void> {
  const { store, plan, from, force, selector, actor, actionId } = request
  const reason = force?.reason ?? request.reason
  const terms = from ? [...selector, `from ${from.name}: ${from.keys.length} keys`] : [...selector]
  await recordAction(
    store,
    {
      ...{ sweep: plan.sweep, action: 'rerun', selector: terms, changed: changed.length },
      ...{ configurations: rangesOf(changed), by: actor.who, ...(reason && { reason }) },
    },
    { now: actor.now, id: actionId },
  )
}
