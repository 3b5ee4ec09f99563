import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { didYouMean } from '@windrow/common/sweep/did-you-mean.ts'
import { sweepNames } from '@windrow/common/sweep/sweep-names.ts'

/** The sweep that a name or a unique prefix means. Throws SWEEP_UNKNOWN, or USAGE when several sweeps start so. */
export async function findSweep(store: Store, nameOrPrefix: string): Promise<string> {
  return chooseSweep(await sweepNames(store), nameOrPrefix, store.url)
}

/** The same among given names: an exact name wins over names that only start with it. */
export function chooseSweep(known: readonly string[], nameOrPrefix: string, storeUrl: string): string {
  if (known.includes(nameOrPrefix)) return nameOrPrefix
  const candidates = nameOrPrefix === '' ? [] : known.filter((name) => name.startsWith(nameOrPrefix))
  const [only] = candidates
  if (only !== undefined && candidates.length === 1) return only
  if (only !== undefined) {
    throw new WindrowError('USAGE', {
      message: `'${nameOrPrefix}' is the beginning of ${candidates.length} sweeps: ${shortList(candidates)}.`,
      context: { candidates },
      next: 'Give more letters of the name.',
    })
  }
  const choice = known.length === 0 ? 'There is no sweep in it.' : `It has ${shortList(known)}.`
  throw new WindrowError('SWEEP_UNKNOWN', {
    message: `The store ${storeUrl} has no sweep '${nameOrPrefix}'.${didYouMean(nameOrPrefix, known)} ${choice}`,
    context: { sweep: nameOrPrefix, store: storeUrl },
  })
}

function shortList(items: readonly string[]): string {
  const shown = items.slice(0, 20).join(', ')
  return items.length > 20 ? `${shown} and ${items.length - 20} more` : shown
}
