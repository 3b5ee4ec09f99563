import { recordAction } from '@windrow/common/accounting/actions.ts'
import { rangesOf } from '@windrow/common/accounting/index-ranges.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { openStates, stateOfCell } from '@windrow/common/ledger/states.ts'
import { readCurrentStates } from '@windrow/common/status/current-states.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { parseSelector } from '@windrow/common/sweep/selector.ts'
import { selectConfigurations } from '../sweeps/select-configurations.ts'

export interface CancelRequest {
  readonly store: Store
  /** undefined: Redis does not run; its ledger is made from the store when it does. */
  readonly ledger?: Ledger | undefined
  readonly plan: SweepPlan
  /** Terms as typed; none: everything that is open. */
  readonly selector: readonly string[]
  readonly reason?: string | undefined
  readonly actor: { readonly who: string; readonly now: number }
  readonly actionId: string
}

/** What became of the selected configurations; `selected` is the sum of all that follow it but `running`. */
export interface CancelOutcome {
  readonly total: number
  readonly selected: number
  /** They were open and are cancelled now. */
  readonly cancelled: number
  /** Of those: attempts that are under way, and stop at the next beat of their worker unless they commit first. */
  readonly running: number
  /** Left alone. */
  readonly alreadyCancelled: number
  readonly committed: number
  readonly dead: number
}

/**
 * Cancels what is open of a selection: the record in the store first, with the places of the configurations, then the
 * ledger. What is committed or dead is left alone and counted. Safe to repeat. Throws SELECTOR_INVALID before anything
 * is changed.
 */
export async function cancelConfigurations(request: CancelRequest): Promise<CancelOutcome> {
  const { store, ledger, plan, reason, actor, actionId } = request
  const selector = parseSelector(request.selector, plan.fieldNames)
  const states = await readCurrentStates({ store, ledger }, plan)
  const selected = await selectConfigurations({ store, plan }, selector, states)
  const stateAt = (index: number) => stateOfCell(states.cells[index]!)
  const open = selected.filter((index) => openStates.includes(stateAt(index)))
  if (open.length > 0) {
    await recordAction(
      store,
      {
        ...{ sweep: plan.sweep, action: 'cancel', selector: [...request.selector], changed: open.length },
        ...{ configurations: rangesOf(open), by: actor.who, ...(reason && { reason }) },
      },
      { now: actor.now, id: actionId },
    )
    if (states.source === 'ledger') await ledger?.select({ indices: open, as: 'cancelled' })
  }
  const count = (...words: string[]) => selected.filter((index) => words.includes(stateAt(index))).length
  return {
    total: plan.total,
    selected: selected.length,
    cancelled: open.length,
    running: count('running'),
    alreadyCancelled: count('cancelled'),
    committed: count('committed'),
    dead: count('dead-failed', 'dead-corrupt'),
  }
}
