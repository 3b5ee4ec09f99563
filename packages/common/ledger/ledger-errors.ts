import { WindrowError } from '../errors/windrow-error.ts'

export function ledgerAbsent(sweep: string): WindrowError {
  return new WindrowError('LEDGER_ABSENT', { message: `There is no ledger of the sweep ${sweep}.`, context: { sweep } })
}

/** A job for a configuration that the ledger has no room for: its manifest is newer than the ledger. */
export function unknownIndex(sweep: string, index: number): WindrowError {
  return new WindrowError('LEDGER_MISMATCH', {
    message: `The ledger of ${sweep} does not reach to configuration ${index}.`,
    context: { sweep, index },
  })
}

/** An extension that does not begin where the ledger ends. */
export function extensionMismatch(sweep: string, extension: { fromTotal: number; total: number }): WindrowError {
  return new WindrowError('LEDGER_MISMATCH', {
    message: `The ledger of ${sweep} has ${extension.total} configurations and cannot be extended from ${extension.fromTotal}.`,
    context: { sweep, ...extension },
  })
}
