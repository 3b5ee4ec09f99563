import { hash } from 'node:crypto'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import type { WreckEvidence } from '@windrow/common/records/wreck-evidence.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { openFile } from '@windrow/common/wrecks/open-file.ts'
import type { BadRow, FileFacts } from './wreck-facts.ts'

/** Bytes of a file that are copied into the store; of a larger one the evidence alone is kept. */
const largestKept = 64 * 2 ** 20

export interface EvidencePorts {
  readonly store: Store
  readonly sweep: string
  readonly directory: string
  readonly by: string
  readonly host: string
  readonly now: number
  readonly say: (line: string) => void
}

/**
 * Keeps what was not taken in: for every file that is bad as a whole or has bad rows its bytes, as they are, and why.
 * Safe to repeat: both are named by what they hold. Returns the number of files.
 */
export async function keepEvidence(
  { files, bad }: { files: readonly FileFacts[]; bad: readonly BadRow[] },
  ports: EvidencePorts,
): Promise<number> {
  const byFile = Map.groupBy(bad, ({ file }) => file)
  let kept = 0
  for (const [place, file] of files.entries()) {
    const rows = byFile.get(place) ?? []
    if (file.fault === undefined && rows.length === 0) continue
    await keepOne(file, rows, ports)
    kept++
  }
  return kept
}

async function keepOne(file: FileFacts, rows: readonly BadRow[], ports: EvidencePorts): Promise<void> {
  const { store, sweep, directory, by, host, now } = ports
  const { name, bytes, sha256, fault } = file
  const kept = await keepBytes(file, ports)
  const evidence: WreckEvidence = {
    ...{ schema: 1, sweep, file: name, directory, bytes, sha256, kept },
    ...(fault && { cause: fault.cause, detail: fault.detail }),
    rows: rows.map(({ key, place, fault: { cause, detail } }) => ({ key, place, cause, detail })),
    ...{ by, host, at: new Date(now).toISOString() },
  }
  // Named by what it says, so that the same finding is kept once, and another one of the same file as well.
  const id = hash('sha256', JSON.stringify([name, sha256, fault, evidence.rows]), 'hex')
  await store.create(names.wreckEvidence(sweep, id), encodeRecord(evidence))
}

async function keepBytes(file: FileFacts, { store, sweep, say }: EvidencePorts): Promise<boolean> {
  if (file.sha256 === '' || file.bytes === 0 || file.bytes > largestKept) return false
  const bytes = readUnchanged(file)
  if (typeof bytes === 'string') {
    say(`warning: the bytes of ${file.name} are not kept: ${bytes}`)
    return false
  }
  await store.create(names.wreckBytes(sweep, file.sha256), bytes)
  return true
}

/** The bytes that were surveyed, or why they cannot be had any more. */
function readUnchanged({ path, sha256 }: FileFacts): Uint8Array | string {
  try {
    const opened = openFile(path)
    try {
      return opened.sha256() === sha256 ? opened.readAt(0, opened.size) : 'it has been changed since it was read'
    } finally {
      opened.close()
    }
  } catch (error) {
    return messageOf(error)
  }
}
