import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger, LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import type { Clock } from '@windrow/common/time/clock.ts'

export interface FollowOptions {
  readonly ledger: Ledger
  /** A ledger of an older manifest is not believed: what was added is not in it yet. */
  readonly manifest?: number
  /** Whether a producer has held the ledger against the store in this run. */
  readonly reconciled: () => Promise<boolean>
  /** Whether what the attempts have shown has had its consequences: some may be given back. */
  readonly judged: () => Promise<boolean>
  /** What workers wait for right now. */
  readonly outages: () => Promise<readonly string[]>
  readonly clock: Clock
  readonly everyMs: number
  readonly onProgress: (summary: LedgerSummary) => void
  /** Told when something the sweep needs is away, and (undefined) when all is there again. */
  readonly onOutage: (reason: string | undefined) => void
  readonly signal: AbortSignal
}

/**
 * Watches a sweep until it is settled and merged, or until `signal` aborts (undefined), also while an answer is waited for.
 * An outage is waited out.
 */
export async function followSweep(options: FollowOptions): Promise<LedgerSummary | undefined> {
  const { signal } = options
  const stopped = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  return await Promise.race([watchSweep(options), stopped])
}

async function watchSweep(options: FollowOptions): Promise<LedgerSummary | undefined> {
  const { ledger, clock, everyMs, onProgress, signal, manifest = 0 } = options
  const tell = onlyChanges(options.onOutage)
  while (!signal.aborted) {
    try {
      const compared = await options.reconciled()
      const summary = await ledger.summary()
      if (summary) {
        onProgress(summary)
        // Asked in this order: the ledger that was read is the one that was compared.
        if (compared && summary.manifest >= manifest && isSettled(summary) && (await options.judged())) return summary
      }
      tell((await options.outages()).join('; ') || undefined)
    } catch (error) {
      if (!isWindrowError(error) || !error.transient) throw error
      tell(messageOf(error))
    }
    await clock.sleep(everyMs, signal)
  }
  return undefined
}

/** Nothing is open, and what is committed is in a merge. */
export function isSettled({ counts, revision, mergedRevision }: LedgerSummary): boolean {
  const open = counts.pending + counts.running + counts.retrying
  return open === 0 && (counts.committed === 0 || mergedRevision >= revision)
}

function onlyChanges(tell: (reason: string | undefined) => void): (reason: string | undefined) => void {
  let told: string | undefined
  return (reason) => {
    if (reason === told) return
    told = reason
    tell(reason)
  }
}
