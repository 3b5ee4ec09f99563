import type { IndexTest } from '../accounting/wanted.ts'
import { stateOfCell } from '../ledger/states.ts'
import type { CurrentStates } from './current-states.ts'

export interface AskedFor {
  /** Configurations that somebody asked for, or that are there although nobody did. */
  readonly selected: number
  /** Of them, those that were cancelled since: they will not come, and count as a shortfall. */
  readonly cancelledOfSelected: number
}

/** Tells what an operator cancelled from what the newest selection (undefined: everything) has never asked for. */
export function countAskedFor({ cells }: Pick<CurrentStates, 'cells'>, isSelected: IndexTest | undefined): AskedFor {
  let [cancelled, cancelledOfSelected] = [0, 0]
  for (const [index, cell] of cells.entries()) {
    if (stateOfCell(cell) !== 'cancelled') continue
    cancelled++
    if (isSelected?.(index) ?? true) cancelledOfSelected++
  }
  return { selected: cells.length - cancelled + cancelledOfSelected, cancelledOfSelected }
}
