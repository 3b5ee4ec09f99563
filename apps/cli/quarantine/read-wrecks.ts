import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { type WreckEvidence, wreckEvidenceSchema } from '@windrow/common/records/wreck-evidence.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'

/** A file of an earlier sweep that was not taken in, as a whole or in part. */
export interface RefusedFile {
  readonly evidence: WreckEvidence
  readonly evidenceName: string
  /** undefined where the bytes are not kept: the file was empty, too large, or could not be read. */
  readonly bytesName: string | undefined
}

const readsAtOnce = 16

/** Every file that salvage refused, by name and time. */
export async function readWrecks(store: Store, sweep: string): Promise<RefusedFile[]> {
  const found: string[] = []
  for await (const { name } of store.list(names.wrecks(sweep))) if (name.endsWith('.json')) found.push(name)
  const files: RefusedFile[] = []
  const reading = readAhead(found.sort(), readsAtOnce, async (name) => ({ name, bytes: await store.read(name) }))
  for await (const { name, bytes } of reading) {
    if (!bytes) continue
    const evidence = decodeRecord(wreckEvidenceSchema, name, bytes)
    const bytesName = evidence.kept ? names.wreckBytes(sweep, evidence.sha256) : undefined
    files.push({ evidence, evidenceName: name, bytesName })
  }
  return files.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
}

const orderOf = ({ evidence: { file, at } }: RefusedFile) => `${file} ${at}`

/** Why a file was refused, in a few words: its own cause, or those of its rows. */
export function reasonOf({ evidence: { cause, rows } }: RefusedFile): string {
  if (cause !== undefined) return cause
  const byCause = Map.groupBy(rows, (row) => row.cause)
  return [...byCause].map(([name, of]) => `${of.length} ${name}`).join(', ')
}
