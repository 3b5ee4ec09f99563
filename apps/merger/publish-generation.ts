import { stat } from 'node:fs/promises'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { VerifiedMerge } from '@windrow/common/merging/write-merged.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import type { MergerPorts } from './make-generation.ts'

export interface FinishedMerge extends VerifiedMerge {
  readonly layoutsPath: string
  /** The certificate as it stands in the merged file. */
  readonly certificatePath: string
  readonly auditPath: string
  /** Whether somebody has merged newer inputs meanwhile. */
  readonly isOvertaken: () => Promise<boolean>
}

type Publishing = Pick<MergerPorts, 'store' | 'clock' | 'merger' | 'logger'>

/**
 * Puts a finished merge into the store under its input digest, and records the generation last. When the newest
 * generation merged the same inputs, or newer ones, there is nothing new to record. Mergers that race agree: each number is created once.
 */
export async function publishGeneration(
  sweep: string,
  merge: FinishedMerge,
  ports: Publishing,
): Promise<{ generation: Generation; fresh: boolean }> {
  const { size: certificateBytes } = await stat(merge.certificatePath)
  for (;;) {
    const generations = await readGenerations(ports.store, sweep)
    const newest = generations.at(-1)
    if (newest?.inputDigest === merge.inputDigest) return { generation: newest, fresh: false }
    // Asked after the list: whoever records a generation from here on takes the number that this one would take.
    if (newest && (await merge.isOvertaken())) return { generation: newest, fresh: false }
    await storeFiles(sweep, merge, ports)
    const generation = generationOf(
      sweep,
      { ...merge, certificateBytes },
      {
        number: (newest?.number ?? 0) + 1,
        merger: ports.merger,
        at: new Date(ports.clock.now()).toISOString(),
      },
    )
    const name = names.generation(sweep, generation.number)
    if ((await ports.store.create(name, encodeRecord(generation))) === 'created') {
      const { number, merged, expected, complete } = generation
      ports.logger.info({ sweep, number, merged, expected, complete }, 'published a generation')
      return { generation, fresh: true }
    }
    // Another merger recorded this number first; look what it merged.
  }
}

async function storeFiles(sweep: string, merge: FinishedMerge, { store, merger }: Publishing): Promise<void> {
  const name = names.mergedFile(sweep, merge.inputDigest)
  if ((await store.createFromFile(name, merge.layoutsPath)) === 'exists') await checkSize(name, merge, store)
  await store.createFromFile(names.mergedCertificate(sweep, merge.inputDigest), merge.certificatePath)
  await store.createFromFile(names.mergeAudit(sweep, merge.inputDigest, merger), merge.auditPath)
}

/** The same inputs make the same bytes, so what is there already must be what we would have stored. */
async function checkSize(name: string, { bytes }: FinishedMerge, store: Publishing['store']): Promise<void> {
  for await (const object of store.list(name)) {
    if (object.name !== name || object.size === bytes) continue
    throw new WindrowError('MERGE_UNVERIFIED', {
      message: `${name} is in the store with ${object.size} bytes; a merge of the same inputs has ${bytes}`,
      context: { name },
    })
  }
}

function generationOf(
  sweep: string,
  merge: FinishedMerge & { readonly certificateBytes: number },
  record: Pick<Generation, 'number' | 'merger' | 'at'>,
): Generation {
  const { counts, complete } = merge.certificate
  const { expected, merged, quarantined, dead, missing } = counts
  return {
    schema: 1,
    sweep,
    ...record,
    inputDigest: merge.inputDigest,
    complete,
    ...{ expected, merged, quarantined, dead, missing },
    files: {
      layouts: { name: names.mergedFile(sweep, merge.inputDigest), sha256: merge.sha256, bytes: merge.bytes },
      certificate: {
        name: names.mergedCertificate(sweep, merge.inputDigest),
        sha256: merge.certificateSha256,
        bytes: merge.certificateBytes,
      },
    },
  }
}
