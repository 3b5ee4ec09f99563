import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'

export interface SetAsideWatchOptions {
  readonly host: string
  readonly ledgerOf: (sweep: string) => Pick<Ledger, 'isSetAside'>
  /** Hears in which sweeps the host is set aside, when that has changed. */
  readonly onChange: (sweeps: readonly string[]) => void
}

/** Looks in which of some sweeps the host is set aside: there it begins nothing. */
export function createSetAsideWatch({
  host,
  ledgerOf,
  onChange,
}: SetAsideWatchOptions): (sweeps: readonly string[]) => Promise<ReadonlySet<string>> {
  let known: readonly string[] = []
  return async (sweeps) => {
    const found: string[] = []
    for (const sweep of sweeps) if (await isSetAside(ledgerOf(sweep), host)) found.push(sweep)
    if (found.join() !== known.join()) onChange(found)
    known = found
    return new Set(found)
  }
}

/** A ledger that is absent is being rebuilt, and says so again if need be. */
async function isSetAside(ledger: Pick<Ledger, 'isSetAside'>, host: string): Promise<boolean> {
  try {
    return await ledger.isSetAside(host)
  } catch (error) {
    if (isWindrowError(error, 'LEDGER_ABSENT')) return false
    throw error
  }
}
