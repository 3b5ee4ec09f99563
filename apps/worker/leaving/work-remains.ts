import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { ActiveSweep } from '@windrow/common/ledger/active-sweeps.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { openStates } from '@windrow/common/ledger/states.ts'

export interface RemainingPorts {
  /** Throws REDIS_UNAVAILABLE when Redis does not answer soon. */
  readonly awaitRedis: () => Promise<void>
  /** The active sweeps that this worker has an optimizer for. */
  readonly sweeps: () => Promise<readonly ActiveSweep[]>
  readonly ledgerOf: (sweep: string) => Ledger
}

/** Whether a worker that ends leaves something open that another start of it could take up; undefined when Redis does not say. */
export async function workRemains({ awaitRedis, sweeps, ledgerOf }: RemainingPorts): Promise<boolean | undefined> {
  try {
    await awaitRedis()
    for (const { sweep } of await sweeps()) {
      const summary = await ledgerOf(sweep).summary()
      if (!summary || openStates.some((state) => summary.counts[state] > 0)) return true
    }
    return false
  } catch (error) {
    if (isWindrowError(error) && error.transient) return undefined
    throw error
  }
}
