/** The states of a configuration, in the order of their codes (the low nibble of its byte in the ledger). */
export const configurationStates = [
  'pending',
  'running',
  'retrying',
  'committed',
  'dead-corrupt',
  'dead-failed',
  'cancelled',
] as const

export type ConfigurationState = (typeof configurationStates)[number]

/** States in which a configuration still has work to be done. */
export const openStates: readonly ConfigurationState[] = ['pending', 'running', 'retrying']

export type StateCounts = Readonly<Record<ConfigurationState, number>>

/** One configuration's byte: the state in the low nibble, the attempts spent in the high one (at most 15). */
export const packCell = (state: ConfigurationState, spent: number): number =>
  configurationStates.indexOf(state) | (Math.min(spent, 15) << 4)

export const stateOfCell = (cell: number): ConfigurationState => configurationStates[cell & 0x0f]!

export const spentOfCell = (cell: number): number => cell >> 4
