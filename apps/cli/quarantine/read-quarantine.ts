import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { type QuarantineEvidence, quarantineEvidenceSchema } from '@windrow/common/records/quarantine-evidence.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'

/** One output in the quarantine: why it was refused, and the names of its two objects. */
export interface Quarantined {
  readonly evidence: QuarantineEvidence
  /** `KEY.EPOCH-ATTEMPT`, fit for a file name: from the name in the store, not from what the record says of itself. */
  readonly label: string
  readonly evidenceName: string
  readonly bytesName: string
}

export interface Quarantine {
  readonly outputs: readonly Quarantined[]
  /** Objects that are no pair of bytes and evidence: whoever refused an output was stopped in between, and it ran again. */
  readonly withoutEvidence: readonly string[]
}

const readsAtOnce = 16

/** Everything in the quarantine of a sweep, by key, epoch and time. */
export async function readQuarantine(store: Store, sweep: string): Promise<Quarantine> {
  const evidenceNames: string[] = []
  const others = new Set<string>()
  for await (const { name } of store.list(names.quarantine(sweep))) {
    if (labelOf(name) === undefined) others.add(name)
    else evidenceNames.push(name)
  }
  const outputs: Quarantined[] = []
  const reading = readAhead(evidenceNames.sort(), readsAtOnce, async (name) => ({
    name,
    bytes: await store.read(name),
  }))
  for await (const { name, bytes } of reading) {
    if (!bytes) continue
    const evidence = decodeRecord(quarantineEvidenceSchema, name, bytes)
    const bytesName = name.replace(/\.json$/, '.h5')
    others.delete(bytesName)
    outputs.push({ evidence, label: labelOf(name)!, evidenceName: name, bytesName })
  }
  outputs.sort((a, b) => compare(sortKey(a), sortKey(b)))
  return { outputs, withoutEvidence: [...others].sort() }
}

const sortKey = ({ evidence: { key, epoch, at } }: Quarantined) => `${key} ${String(epoch).padStart(9, '0')} ${at}`
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

/** undefined when it is not the name of evidence. */
function labelOf(name: string): string | undefined {
  const match = /\/([A-Za-z0-9][A-Za-z0-9._-]*)\/(\d+-[A-Za-z0-9][A-Za-z0-9._-]*)\.json$/.exec(name)
  return match ? `${match[1]}.${match[2]}` : undefined
}
