import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import { names, parseKeyAndEpoch } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'

/** A merged configuration that the store does not bear out. */
export interface CommitFault {
  readonly key: string
  /** `absent`: no commit; `damaged`: none that validates; `different`: valid ones, but of other contents. */
  readonly fault: 'absent' | 'damaged' | 'different'
  readonly detail: string
}

export interface CommitComparison {
  readonly agreed: number
  readonly of: number
  readonly faults: readonly CommitFault[]
}

/** What the store says of a merged file. */
export interface StoreComparison {
  readonly store: string
  readonly commits: CommitComparison
  /** The generation whose recorded SHA-256 the file has; null when there is none. */
  readonly generation: number | null
}

/** What a certificate says of its sweep. */
export interface CertifiedCommits {
  readonly sweep: string
  readonly merged: readonly { readonly key: string; readonly contentSha256: string }[]
}

const readsAtOnce = 8

/**
 * Holds the content digest of every configuration of a certificate against its commit in the store, read and validated
 * anew. A certificate names no epochs: any epoch's commit will do, the newest is looked at first.
 */
export async function compareWithCommits(
  ports: { store: Store; validator: Validator },
  { sweep, merged }: CertifiedCommits,
): Promise<CommitComparison> {
  const epochs = await commitEpochs(ports.store, sweep)
  const faults: CommitFault[] = []
  const comparing = readAhead(merged, readsAtOnce, (row) =>
    compareOne(ports, { sweep, ...row, epochs: epochs.get(row.key) ?? [] }),
  )
  for await (const fault of comparing) if (fault) faults.push(fault)
  return { agreed: merged.length - faults.length, of: merged.length, faults }
}

interface Comparison {
  readonly sweep: string
  readonly key: string
  readonly contentSha256: string
  readonly epochs: readonly number[]
}

async function compareOne(
  { store, validator }: { store: Store; validator: Validator },
  { sweep, key, contentSha256, epochs }: Comparison,
): Promise<CommitFault | undefined> {
  let fault: CommitFault = { key, fault: 'absent', detail: 'the store holds no commit of it' }
  for (const epoch of epochs.toSorted((a, b) => b - a)) {
    const bytes = await store.read(names.result(sweep, key, epoch))
    if (!bytes) continue
    const verdict = await validator.validate(bytes, { key })
    if (verdict.ok && verdict.contentSha256 === contentSha256) return undefined
    if (verdict.ok) {
      const detail = `the commit of epoch ${epoch} has the content digest ${verdict.contentSha256}, certified is ${contentSha256}`
      fault = { key, fault: 'different', detail }
    } else if (fault.fault === 'absent') {
      fault = { key, fault: 'damaged', detail: `the commit of epoch ${epoch}: ${verdict.reason}: ${verdict.detail}` }
    }
  }
  return fault
}

async function commitEpochs(store: Store, sweep: string): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for await (const { name } of store.list(names.results(sweep))) {
    const parsed = parseKeyAndEpoch(name)
    if (!parsed) continue
    const epochs = found.get(parsed.key)
    if (epochs) epochs.push(parsed.epoch)
    else found.set(parsed.key, [parsed.epoch])
  }
  return found
}
