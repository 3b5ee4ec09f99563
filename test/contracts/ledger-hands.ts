import assert from 'node:assert/strict'
import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger, Settlement } from '@windrow/common/ledger/ledger.ts'
import { type ConfigurationState, packCell, spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'

/** Opens the ledger of a sweep that has none yet. */
export type OpenLedger = (sweep: string) => Ledger

let sweeps = 0

/** A name that no other ledger of this process has. */
export const newSweep = () => `contract-${++sweeps}`

/** A ledger of four configurations, all pending unless said otherwise. */
export async function ledgerOf(open: OpenLedger, ...states: ConfigurationState[]): Promise<Ledger> {
  const ledger = open(newSweep())
  const cells = Uint8Array.from(states.length > 0 ? states : Array(4).fill('pending'), (state) => packCell(state, 0))
  assert.equal(await ledger.create({ manifest: 1, cells, epochs: new Map(), instance: 'first' }), 'created')
  return ledger
}

export const begin = (ledger: Ledger, attempt: string, { index = 0, budget = 3, now = 1000 } = {}) =>
  ledger.begin({ index, attempt, worker: `worker of ${attempt}`, budget, now })

export const settle = async (ledger: Ledger, attempt: string, settlement: Settlement, { index = 0, epoch = 0 } = {}) =>
  (await ledger.settle({ index, attempt, epoch, settlement })).outcome

/** State and attempts spent, as one text. */
export const cell = async (ledger: Ledger, index = 0) => {
  const value = (await ledger.cells())[index]!
  return `${stateOfCell(value)} ${spentOfCell(value)}`
}

export const revision = async (ledger: Ledger) => (await ledger.summary())!.revision

export const rejectsWith = (promise: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(promise, (error) => isWindrowError(error, code) || assert.fail(`expected ${code}, got ${error}`))
