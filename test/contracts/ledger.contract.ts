import { describe } from 'node:test'
import { ledgerAttemptsContract } from './ledger-attempts.contract.ts'
import type { OpenLedger } from './ledger-hands.ts'
import { ledgerLifeContract } from './ledger-life.contract.ts'

/** What every adapter of the ledger promises. */
export function ledgerContract(adapter: string, open: OpenLedger): void {
  describe(`ledger contract: ${adapter}`, () => {
    ledgerLifeContract(open)
    ledgerAttemptsContract(open)
  })
}
