import type { ConfigurationState, StateCounts } from '../ledger/states.ts'
import { configurationStates, openStates, stateOfCell } from '../ledger/states.ts'

/** What people are told: the two dead states have words of their own. */
const words = {
  pending: 'pending',
  running: 'running',
  retrying: 'retrying',
  committed: 'committed',
  'dead-corrupt': 'quarantined',
  'dead-failed': 'dead',
  cancelled: 'cancelled',
} as const satisfies Record<ConfigurationState, string>

export type StateWord = (typeof words)[ConfigurationState]
export type WordCounts = Readonly<Record<StateWord, number>>

export const stateWord = (state: ConfigurationState): StateWord => words[state]

/** Counts under the words people are told, in the order of a configuration's life. */
export function wordCounts(counts: StateCounts): WordCounts {
  const named = configurationStates.map((state) => [stateWord(state), counts[state]])
  return Object.fromEntries(named) as Record<StateWord, number>
}

/** How many cells are in each state. */
export function countStates(cells: Uint8Array): StateCounts {
  const counts = Object.fromEntries(configurationStates.map((state) => [state, 0])) as Record<
    ConfigurationState,
    number
  >
  for (const cell of cells) counts[stateOfCell(cell)]++
  return counts
}

export const isDead = (state: ConfigurationState) => state === 'dead-corrupt' || state === 'dead-failed'

/** Configurations with work still to be done. */
export const openCount = (counts: StateCounts) => openStates.reduce((sum, state) => sum + counts[state], 0)
