import type { Generation } from '@windrow/common/records/generation.ts'
import { parseKeyAndEpoch } from '@windrow/common/store/names.ts'
import type { StoredObject } from '@windrow/common/store/store.ts'

export const prunedKinds = [
  'attempt logs',
  'attempt records',
  'results of closed epochs',
  'files of superseded generations',
  'audits of superseded generations',
] as const
export type PrunedKind = (typeof prunedKinds)[number]

export type Removal = StoredObject & { readonly kind: PrunedKind }

/** What decides about the objects of a sweep. */
export interface PruningFacts {
  /** Folder of the sweep in the store, ending with `/`. */
  readonly folder: string
  readonly generations: readonly Generation[]
  /** The newest complete one; its file has been verified. */
  readonly kept: Generation
  /** Whether the live epoch of a configuration is committed, and merged in `kept`. */
  readonly isSafe: (key: string) => boolean
  readonly liveEpochOf: (key: string) => number
}

/**
 * What may go: attempts of configurations that are safe in the verified file, results of epochs that are over, files and
 * audits of generations that the verified one supersedes. Manifests, commits of live epochs, dead letters, reopenings,
 * actions, quarantine, generations, certificates, the verified file and any newer one stay; so does what is not known.
 */
export function planPruning(objects: readonly StoredObject[], facts: PruningFacts): Removal[] {
  return objects.flatMap((object) => {
    const kind = kindOf(object.name.slice(facts.folder.length), facts)
    return kind ? [{ ...object, kind }] : []
  })
}

function kindOf(name: string, facts: PruningFacts): PrunedKind | undefined {
  const [part, ...rest] = name.split('/')
  if (part === 'attempts') return kindOfAttempt(rest, facts)
  if (part === 'results' && rest.length === 1) {
    const result = parseKeyAndEpoch(name)
    return result && result.epoch < facts.liveEpochOf(result.key) ? 'results of closed epochs' : undefined
  }
  return part === 'merges' ? kindOfMerge(rest, facts) : undefined
}

function kindOfAttempt([key = '', file = '', ...more]: readonly string[], facts: PruningFacts) {
  const match = /^(\d+)-[^/]+\.(json|log)$/.exec(file)
  if (!match || more.length > 0 || !facts.isSafe(key)) return undefined
  if (Number(match[1]) > facts.liveEpochOf(key)) return undefined
  return match[2] === 'log' ? 'attempt logs' : 'attempt records'
}

/** A merge that no generation names may be one that is being published right now. */
function kindOfMerge([digest, file = '']: readonly string[], { generations, kept }: PruningFacts) {
  const of = generations.filter(({ inputDigest }) => inputDigest === digest)
  const isSuperseded = of.length > 0 && of.every(({ number }) => number < kept.number) && digest !== kept.inputDigest
  if (!isSuperseded) return undefined
  if (file === 'layouts.h5') return 'files of superseded generations'
  return /^audit-.*\.jsonl$/.test(file) ? 'audits of superseded generations' : undefined
}
