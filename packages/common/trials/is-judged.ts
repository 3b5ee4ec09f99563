import type { Ledger } from '../ledger/ledger.ts'
import { badHosts } from './judge-hosts.ts'

/**
 * Whether nothing is to follow any more from what the attempts of a sweep have shown: no host is to be set aside, and none that
 * is still owes what was given up there. A sweep with nothing open is not settled before.
 */
export async function isJudged(ledger: Pick<Ledger, 'trials' | 'owedBy'>, after: number | undefined): Promise<boolean> {
  const trials = await ledger.trials()
  if (badHosts(trials, after).length > 0) return false
  for (const { host, isSetAside } of trials.hosts) {
    if (isSetAside && (await ledger.owedBy(host)).dead.length > 0) return false
  }
  return true
}
