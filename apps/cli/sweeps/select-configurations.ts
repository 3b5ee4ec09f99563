import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { listAttempts } from '@windrow/common/status/attempts-in-store.ts'
import type { CurrentStates } from '@windrow/common/status/current-states.ts'
import { errorText, readFailures } from '@windrow/common/status/failures.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { matches, type Selectable, type Selector } from '@windrow/common/sweep/selector.ts'

/** The places of the configurations that a selector takes as they stand now, in ascending order. */
export async function selectConfigurations(
  { store, plan }: { store: Store; plan: SweepPlan },
  selector: Selector,
  states: CurrentStates,
): Promise<number[]> {
  const failures = selector.needsState
    ? await readFailures(store, { plan, states, attempts: await listAttempts(store, plan) })
    : new Map()
  const selected: number[] = []
  for (let index = 0; index < plan.total; index++) {
    const failure = failures.get(index)
    const subject: Selectable = {
      configuration: plan.at(index),
      state: stateOfCell(states.cells[index]!),
      ...(failure && { error: errorText(failure) }),
    }
    if (matches(selector, subject)) selected.push(index)
  }
  return selected
}
