import { WindrowError } from '../errors/windrow-error.ts'
import { type ConfigurationState, configurationStates, stateOfCell } from './states.ts'

/** How many configurations are in each state, in a form that can be counted up and down. */
export type CellCounts = Record<ConfigurationState, number>

export const noCells = (): CellCounts => ({
  pending: 0,
  running: 0,
  retrying: 0,
  committed: 0,
  'dead-corrupt': 0,
  'dead-failed': 0,
  cancelled: 0,
})

/** Configurations with work to be done. */
export const openCells = ({ pending, running, retrying }: Readonly<CellCounts>): number => pending + running + retrying

/**
 * Counts the cells a ledger is made of or extended by. Throws LEDGER_MISMATCH when one is running (an attempt only begins
 * in the ledger) or no state at all.
 */
export function countNewCells(cells: Uint8Array): CellCounts {
  const counts = noCells()
  for (const [index, cell] of cells.entries()) {
    const code = cell & 0x0f
    if (code >= configurationStates.length || stateOfCell(cell) === 'running') {
      throw new WindrowError('LEDGER_MISMATCH', {
        message: `Configuration ${index} cannot enter a ledger with the cell ${cell}.`,
        context: { index, cell },
      })
    }
    counts[stateOfCell(cell)]++
  }
  return counts
}
