import { stateOfCell } from '../ledger/states.ts'
import type { ExpectedConfigurations } from '../merging/account.ts'
import type { Plan } from '../sweep/plan.ts'
import type { StatesInStore } from './states-in-store.ts'

/** Every configuration of the sweep with what the store says of it, as a merge wants it; made anew when it is asked for. */
export function expectedConfigurations(plan: Plan, states: StatesInStore): ExpectedConfigurations {
  return {
    length: plan.total,
    at(index) {
      const { key, fields } = plan.at(index)
      const state = stateOfCell(states.cells[index]!)
      const letter = states.deadLetters.get(index)
      return {
        key,
        index,
        fields,
        state: state === 'committed' || state === 'dead-corrupt' || state === 'dead-failed' ? state : 'missing',
        epoch: states.epochs.get(index) ?? 0,
        ...(letter && { cause: letter.code }),
        source: 'windrow',
        verified: 'evaluated',
      }
    },
  }
}
