import { activeSweepsContract } from '../../../test/contracts/active-sweeps.contract.ts'
import { ledgerContract } from '../../../test/contracts/ledger.contract.ts'
import { trialsContract } from '../../../test/contracts/trials.contract.ts'
import { createMemoryActiveSweeps } from './memory-active-sweeps.ts'
import { createMemoryLedger } from './memory-ledger.ts'

ledgerContract('memory', createMemoryLedger)
trialsContract('memory', createMemoryLedger)
activeSweepsContract('memory', async () => createMemoryActiveSweeps())
